//! The desktop's file dialog.

use std::path::PathBuf;

use crate::session::{PathPurpose, PathRequest};

/// Shows it and waits, on whatever thread the session calls it; `None` where nothing was chosen or
/// the desktop has none.
pub fn show(request: &PathRequest) -> Option<PathBuf> {
    let mut dialog = rfd::FileDialog::new();
    if let Some(folder) = &request.folder {
        dialog = dialog.set_directory(folder);
    }
    let Some(ending) = request.purpose.extension() else {
        return match request.purpose {
            PathPurpose::OpenFolder => dialog.pick_folder(),
            _ => dialog.pick_file(),
        };
    };
    dialog
        .set_file_name(&request.name)
        .add_filter(ending, &[ending])
        .save_file()
}
