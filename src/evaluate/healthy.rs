//! Recordings of healthy people, to hold virtual ones against.

use std::path::Path;

use super::EvaluateError;
use crate::{ecg::LeadSet, formats::NpyExams};

/// Records of PTB-XL's train split whose label is NORM, from the folder of `index.csv` and
/// `leads8_500hz_uv.npy`.
pub fn healthy_recordings(folder: &Path) -> Result<Vec<LeadSet>, EvaluateError> {
    let path = folder.join("index.csv");
    let index = std::fs::read(&path).map_err(|it| EvaluateError::Io(path.clone(), it))?;
    let exams = NpyExams::read(&folder.join("leads8_500hz_uv.npy"))?;
    let chosen = chosen(&index).map_err(|it| EvaluateError::Index(path, it.to_string()))?;
    Ok(chosen.into_iter().filter_map(|at| exams.exam(at)).collect())
}

/// Rows of the index that are healthy people's of the train split.
fn chosen(index: &[u8]) -> Result<Vec<usize>, csv::Error> {
    let mut out = Vec::new();
    for (at, row) in csv::Reader::from_reader(index).records().enumerate() {
        let row = row?;
        let is = |column: usize, text: &str| row.get(column) == Some(text);
        let labels = row.get(8).unwrap_or_default();
        let is_sure = ["'NORM': 100.0", "'NORM': 80.0"]
            .iter()
            .any(|it| labels.contains(it));
        if is(1, "ptbxl") && is(7, "train") && is_sure {
            out.push(at);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sure_normals_of_the_train_split_count() {
        let index = "a,source,c,d,e,f,g,split,labels\n\
                     0,ptbxl,,,,,,train,{'NORM': 100.0}\n\
                     1,ptbxl,,,,,,valid,{'NORM': 100.0}\n\
                     2,other,,,,,,train,{'NORM': 100.0}\n\
                     3,ptbxl,,,,,,train,{'NORM': 50.0}\n\
                     4,ptbxl,,,,,,train,\"{'NORM': 80.0, 'SR': 0.0}\"\n";
        assert_eq!(chosen(index.as_bytes()).unwrap(), [0, 4]);
    }
}
