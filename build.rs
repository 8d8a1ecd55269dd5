//! Makes the enum of the window's words from `assets/words.tsv`: a label without all five languages,
//! or used without a row, does not compile.

use std::{env, error::Error, fs, path::Path};

const TABLE: &str = "assets/words.tsv";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={TABLE}");
    let table = fs::read_to_string(TABLE)?;
    let (mut variants, mut rows) = (String::new(), String::new());
    for (number, line) in table.lines().enumerate().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [label, english, ..] = cells[..] else {
            return Err(format!("{TABLE}:{}: no label and text", number + 1).into());
        };
        if cells.len() != 6 || cells.contains(&"") {
            return Err(format!("{TABLE}:{}: {label} needs five texts", number + 1).into());
        }
        variants += &format!("#[doc = {english:?}]\n{label},\n");
        rows += &format!("{:?},\n", &cells[1..]);
    }
    let code = format!(
        "/// Everything that is said in the window, by name. The rows of `{TABLE}`.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n\
         pub enum Label {{\n{variants}}}\n\
         const TEXTS: &[[&str; 5]] = &[\n{rows}];\n"
    );
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("labels.rs"), code)?;
    Ok(())
}
