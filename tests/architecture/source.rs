//! Rust source as the architecture tests see it: names, paths and imports, without comments,
//! literals and tests.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// One token that matters for paths: a name, `::`, or any other character.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Name(String),
    PathSep,
    Other(char),
}

/// What a path names, and under which name the file then knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    pub path: Vec<String>,
    pub alias: String,
}

/// How far an item can be seen.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Reach {
    File,
    Parent,
    Crate,
}

/// One source file: its place under `src/`, what its `use` lines bring and how far they pass it on,
/// and the tokens besides them.
#[derive(Debug)]
pub struct SourceFile {
    pub place: PathBuf,
    pub imports: Vec<(Reach, Named)>,
    pub body: Vec<Token>,
}

/// The path of a module: `["gui", "panels", "paper"]`.
pub type Module = Vec<String>;

/// All files under `src/`, by module.
pub type House = BTreeMap<Module, SourceFile>;

/// Reads the house that this test belongs to.
pub fn house() -> House {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    let read = |file: PathBuf| {
        let place = file.strip_prefix(&root).unwrap().to_owned();
        let mut module: Module = place
            .with_extension("")
            .iter()
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        if module.last().is_some_and(|name| name == "mod") {
            module.pop();
        }
        (module, parse(place, &fs::read_to_string(file).unwrap()))
    };
    files.into_iter().map(read).collect()
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The module whose file defines what `path` names, as seen from `module`. `None` for other crates,
/// what is local, and a module as such.
pub fn definition(house: &House, module: &Module, path: &[String]) -> Option<Module> {
    let absolute = absolute(house, module, path)?;
    let depth = (1..=absolute.len())
        .rev()
        .find(|depth| house.contains_key(&absolute[..*depth]))?;
    let (owner, rest) = (absolute[..depth].to_vec(), &absolute[depth..]);
    let name = rest.first()?;
    let passed_on = house[&owner]
        .imports
        .iter()
        .find(|(reach, named)| *reach != Reach::File && named.alias == *name);
    match passed_on {
        Some((_, named)) => definition(house, &owner, &[&named.path, &rest[1..]].concat()),
        None => Some(owner),
    }
}

/// `path` from the root of the crate.
pub fn absolute(house: &House, module: &Module, path: &[String]) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    let below = |base: &[String]| Some([base, rest].concat());
    match first.as_str() {
        "crate" => return below(&[]),
        "self" => return below(module),
        "super" => return absolute_from_parent(module, rest),
        _ => {}
    }
    let child = [&module[..], &path[..1]].concat();
    if house.contains_key(&child) {
        return below(&child);
    }
    let import = house[module]
        .imports
        .iter()
        .find(|(_, named)| named.alias == *first && named.path[0] != *first)?;
    below(&absolute(house, module, &import.1.path)?)
}

fn absolute_from_parent(module: &Module, rest: &[String]) -> Option<Module> {
    let parent = module[..module.len().checked_sub(1)?].to_vec();
    match rest.first() {
        Some(next) if next == "super" => absolute_from_parent(&parent, &rest[1..]),
        _ => Some([&parent, rest].concat()),
    }
}

impl SourceFile {
    /// Whether `text` stands outside of `use` lines.
    pub fn mentions(&self, text: &str) -> bool {
        self.body.contains(&name(text))
    }

    /// Every path of the file.
    pub fn paths(&self) -> Vec<Vec<String>> {
        let imported = self.imports.iter().map(|it| it.1.path.clone());
        imported.chain(paths(&self.body)).collect()
    }
}

/// Splits `source` into imports, those for tests left out, and the rest.
pub fn parse(place: PathBuf, source: &str) -> SourceFile {
    let (mut imports, mut body) = (Vec::new(), Vec::new());
    let (tokens, for_tests) = (tokens(source), tokens("#[cfg(test)]"));
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] != name("use") {
            body.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let reach = take_reach(&mut body);
        let mut named = Vec::new();
        at = read_path(&tokens, at + 1, &[], &mut named);
        if body.ends_with(&for_tests) {
            continue;
        }
        imports.extend(named.into_iter().map(|it| (reach, it)));
    }
    SourceFile {
        place,
        imports,
        body,
    }
}

/// Takes `pub`, `pub(super)` … off the end of what was read.
fn take_reach(body: &mut Vec<Token>) -> Reach {
    let from = body.iter().rposition(|it| *it == name("pub"));
    match from.map(|from| (from, body[from + 1..].to_vec())) {
        Some((from, rest)) if rest.is_empty() || is_scope(&rest) => {
            body.truncate(from);
            match rest.get(1) {
                Some(scope) if *scope != name("crate") => Reach::Parent,
                _ => Reach::Crate,
            }
        }
        _ => Reach::File,
    }
}

fn is_scope(tokens: &[Token]) -> bool {
    matches!(
        tokens,
        [Token::Other('('), Token::Name(_), Token::Other(')')]
    )
}

pub fn name(text: &str) -> Token {
    Token::Name(text.to_owned())
}

/// Tokens of `source` without comments, literals and everything inside `mod tests { … }`.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => string_len(rest),
            'r' if rest.starts_with("r\"") || rest.starts_with("r#\"") => raw_string_len(rest),
            '\'' => char_len(rest),
            ':' if rest.starts_with("::") => {
                out.push(Token::PathSep);
                2
            }
            c if c.is_alphabetic() || c == '_' => {
                let len = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                out.push(name(&rest[..len]));
                len
            }
            c if c.is_whitespace() => c.len_utf8(),
            c => {
                out.push(Token::Other(c));
                c.len_utf8()
            }
        };
        rest = &rest[len..];
    }
    without_tests(out)
}

fn string_len(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    end.map_or(text.len(), |end| end.0 + 1)
}

fn raw_string_len(text: &str) -> usize {
    let close = if text.starts_with("r#") { "\"#" } else { "\"" };
    let open = close.len() + 1;
    text[open..]
        .find(close)
        .map_or(text.len(), |end| open + end + close.len())
}

/// A character literal, or just the quote of a lifetime.
fn char_len(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    let (Some((_, first)), Some((second_at, second))) = (chars.next(), chars.next()) else {
        return 1;
    };
    let after = second_at + second.len_utf8();
    match (first, second) {
        ('\\', _) => text[after..]
            .find('\'')
            .map_or(text.len(), |end| after + end + 1),
        (_, '\'') => after,
        _ => 1,
    }
}

fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let opening = [name("mod"), name("tests"), Token::Other('{')];
    let Some(start) = tokens.windows(3).position(|it| it == opening) else {
        return tokens;
    };
    let mut depth = 0;
    let after = tokens[start..].iter().position(|token| {
        depth += i32::from(*token == Token::Other('{')) - i32::from(*token == Token::Other('}'));
        *token == Token::Other('}') && depth == 0
    });
    let end = after.map_or(tokens.len(), |length| start + length + 1);
    [&tokens[..start], &tokens[end..]].concat()
}

/// Every path of two names or more in `tokens`, groups `a::{b, c::d}` spread out.
pub fn paths(tokens: &[Token]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = if matches!(tokens[at], Token::Name(_)) {
            read_path(tokens, at, &[], &mut found)
        } else {
            at + 1
        };
    }
    found.retain(|named| 1 < named.path.len());
    found.into_iter().map(|named| named.path).collect()
}

/// Reads the path or group that starts at `at` below `prefix`; gives the index after it.
fn read_path(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    if tokens.get(at) == Some(&Token::Other('{')) {
        return read_group(tokens, at + 1, prefix, found);
    }
    let mut path = prefix.to_vec();
    while let Some(Token::Name(name)) = tokens.get(at) {
        path.push(name.clone());
        at += 1;
        if tokens.get(at) != Some(&Token::PathSep) {
            break;
        }
        at += 1;
        if tokens.get(at) == Some(&Token::Other('{')) {
            return read_group(tokens, at + 1, &path, found);
        }
    }
    // `a::{self}` is `a`.
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let mut alias = path.last().cloned().unwrap_or_default();
    if let (Some(Token::Name(word)), Some(Token::Name(other))) =
        (tokens.get(at), tokens.get(at + 1))
        && word == "as"
    {
        alias.clone_from(other);
        at += 2;
    }
    found.push(Named { path, alias });
    at
}

fn read_group(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    while at < tokens.len() && tokens[at] != Token::Other('}') {
        at = match tokens[at] {
            Token::Name(_) | Token::Other('{') => read_path(tokens, at, prefix, found),
            _ => at + 1,
        };
    }
    at + 1
}

#[test]
fn imports_are_told_from_the_rest() {
    let file = parse(
        PathBuf::new(),
        "pub(super) use a::{b::C, self, d as e}; pub use f::G; use crate::{h::I, j};
        #[cfg(test)] pub use n::O; fn k() { l::M }",
    );
    let imports: Vec<String> = file
        .imports
        .iter()
        .map(|(reach, it)| format!("{reach:?} {} {}", it.path.join("::"), it.alias))
        .collect();
    assert_eq!(
        imports,
        [
            "Parent a::b::C C",
            "Parent a a",
            "Parent a::d e",
            "Crate f::G G",
            "File crate::h::I I",
            "File crate::j j"
        ]
    );
    assert_eq!(paths(&file.body), [["l", "M"]]);
}
