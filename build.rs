//! Makes the words of the program from the tables in `assets`: a label without all five languages,
//! or used without a row, does not compile. Packs the demos.

use std::{env, error::Error, fs, path::Path};

const LABELS: &str = "assets/words.tsv";
const PLACES: &str = "assets/places.tsv";
const DEMOS: &str = "assets/demos";

fn main() -> Result<(), Box<dyn Error>> {
    let (mut variants, mut texts) = (String::new(), String::new());
    for [label, english, german, french, spanish, chinese] in rows(LABELS)? {
        variants += &format!("#[doc = {english:?}]\n{label},\n");
        texts += &format!("{:?},\n", [english, german, french, spanish, chinese]);
    }
    let mut places = String::new();
    for [lead, german, french, spanish, chinese] in rows(PLACES)? {
        places += &format!("({lead:?}, {:?}),\n", [german, french, spanish, chinese]);
    }
    let code = format!(
        "/// Everything that is said in the window, by name: the rows of `{LABELS}`.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n\
         pub enum Label {{\n{variants}}}\n\
         const TEXTS: &[[&str; 5]] = &[\n{texts}];\n\
         const PLACES: &[(&str, [&str; 4])] = &[\n{places}];\n"
    );
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("words.rs"), code)?;
    pack_demos(out)
}

/// Every demo deflated, as `NAME.deflated`.
fn pack_demos(out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DEMOS}");
    for entry in fs::read_dir(DEMOS)? {
        let demo = entry?.path();
        let name = demo.file_stem().unwrap_or_default();
        let packed = miniz_oxide::deflate::compress_to_vec(&fs::read(&demo)?, 9);
        fs::write(out.join(name).with_extension("deflated"), packed)?;
    }
    Ok(())
}

/// The rows of a table below its head, each with as many cells as there are columns.
fn rows<const COLUMNS: usize>(table: &str) -> Result<Vec<[String; COLUMNS]>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={table}");
    let text = fs::read_to_string(table)?;
    let row = |(number, line): (usize, &str)| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let is_whole = cells.iter().all(|cell| !cell.is_empty());
        let row = cells.try_into().ok().filter(|_| is_whole);
        row.ok_or_else(|| format!("{table}:{}: expected {COLUMNS} texts", number + 1).into())
    };
    text.lines().enumerate().skip(1).map(row).collect()
}
