//! The desktop's file dialog.

use std::path::PathBuf;

use crate::session::PathRequest;

/// Shows it and waits, on whatever thread the session calls it; `None` where nothing was chosen or
/// the desktop has none.
pub fn show(request: &PathRequest) -> Option<PathBuf> {
    let mut dialog = rfd::FileDialog::new();
    if let Some(folder) = &request.folder {
        dialog = dialog.set_directory(folder);
    }
    let Some(ending) = request.purpose.extension() else {
        return dialog.pick_file();
    };
    dialog
        .set_file_name(&request.name)
        .add_filter(ending, &[ending])
        .save_file()
}
