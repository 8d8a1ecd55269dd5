//! XML as a tree, with bounds: no entities but the five of XML, no endless depth, no endless number.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};

use crate::formats::{FormatError, error::quoted};

/// An element, with namespaces dropped.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// All text directly inside it.
    pub text: String,
    pub children: Vec<Element>,
    /// Line of the file, from 1.
    pub line: usize,
}

/// Nested deeper than any medical file.
const DEPTH: usize = 64;
/// Elements of one file: about a hundred bytes each beside their text.
const ELEMENTS: usize = 500_000;
/// Attributes of one element.
const ATTRIBUTES: usize = 200;
const STEP: &str = "XML";

impl Element {
    /// The root of `text`.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let mut builder = Builder::new(text);
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        loop {
            let event = reader.read_event();
            builder.reach(reader.buffer_position());
            let event = event.map_err(|error| builder.fault(error, "well-formed XML"))?;
            let is_last = matches!(event, Event::Eof);
            builder.take(event)?;
            if is_last {
                return builder.root();
            }
        }
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at a path such as `a/b/c`, by the first of each name.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .try_fold(self, |here, name| here.child(name))
    }

    /// Trimmed text at a path; `None` where there is none or nothing in it.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).and_then(Self::words)
    }

    /// Trimmed text, if any.
    pub fn words(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// Number at a path.
    pub fn number_at(&self, path: &str) -> Option<f64> {
        number(self.text_at(path)?)
    }

    /// An attribute's trimmed value; `None` where it is absent or empty.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|pair| pair.0 == name)?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    }

    /// An attribute as a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        number(self.attribute(name)?)
    }

    /// This element and all below it, in the order of the file.
    pub fn walk(&self) -> impl Iterator<Item = &Self> {
        let mut pending = vec![self];
        std::iter::from_fn(move || {
            let next = pending.pop()?;
            pending.extend(next.children.iter().rev());
            Some(next)
        })
    }

    /// The first element of that name, at any depth.
    pub fn find(&self, name: &str) -> Option<&Self> {
        self.walk().find(|element| element.name == name)
    }

    /// An error at this element.
    pub fn fault(
        &self,
        step: &'static str,
        found: impl ToString,
        expected: impl ToString,
    ) -> FormatError {
        let place = format!("line {}, <{}>", self.line, self.name);
        FormatError::new(step, place, found, expected)
    }
}

/// A finite number.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim()
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
}

/// Elements that are open, outermost first; the first is a nameless one around the root.
struct Builder<'a> {
    text: &'a str,
    open: Vec<Element>,
    n_elements: usize,
    at: usize,
    line: usize,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            open: vec![Element::default()],
            n_elements: 0,
            at: 0,
            line: 1,
        }
    }

    /// Counts lines up to where the reader is.
    fn reach(&mut self, position: u64) {
        let to = (position as usize).clamp(self.at, self.text.len());
        let passed = &self.text.as_bytes()[self.at..to];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = to;
    }

    fn take(&mut self, event: Event) -> Result<(), FormatError> {
        match event {
            Event::Start(start) => {
                let element = self.element(&start)?;
                if DEPTH <= self.open.len() {
                    return Err(self.fault(
                        format!("elements nested over {DEPTH} deep"),
                        "a document of sane depth",
                    ));
                }
                self.open.push(element);
            }
            Event::Empty(start) => {
                let element = self.element(&start)?;
                if let Some(parent) = self.open.last_mut() {
                    parent.children.push(element);
                }
            }
            Event::End(_) => self.close(),
            Event::Text(text) => {
                let text = text.decode().map_err(|error| self.fault(error, "text"))?;
                self.append(&text);
            }
            Event::CData(text) => {
                let text = text.decode().map_err(|error| self.fault(error, "text"))?;
                self.append(&text);
            }
            Event::GeneralRef(reference) => {
                let text = self.resolve(&reference)?;
                self.append(&text);
            }
            Event::DocType(doctype) => {
                let words = doctype
                    .decode()
                    .map_err(|error| self.fault(error, "text"))?;
                if words.contains("<!ENTITY") {
                    return Err(self.fault("entities of its own", "a document without entities"));
                }
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn element(&mut self, start: &BytesStart) -> Result<Element, FormatError> {
        self.n_elements += 1;
        if ELEMENTS < self.n_elements {
            return Err(self.fault("more elements", format!("at most {ELEMENTS}")));
        }
        let mut out = Element {
            name: String::from_utf8_lossy(start.local_name().as_ref()).into_owned(),
            line: self.line,
            ..Element::default()
        };
        // The reader's own search for repeats takes quadratic time.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.fault(error, "an attribute"))?;
            if ATTRIBUTES <= out.attributes.len() {
                return Err(self.fault("more attributes", format!("at most {ATTRIBUTES}")));
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| self.fault(error, "an attribute without entities"))?;
            let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into_owned();
            out.attributes.push((name, value.into_owned()));
        }
        Ok(out)
    }

    fn append(&mut self, text: &str) {
        if let Some(here) = self.open.last_mut() {
            here.text.push_str(text);
        }
    }

    fn close(&mut self) {
        if 1 < self.open.len()
            && let Some(closed) = self.open.pop()
            && let Some(parent) = self.open.last_mut()
        {
            parent.children.push(closed);
        }
    }

    fn resolve(&self, reference: &BytesRef) -> Result<String, FormatError> {
        let fault = |error: &dyn ToString| self.fault(error.to_string(), "a character");
        if let Some(character) = reference
            .resolve_char_ref()
            .map_err(|error| fault(&error))?
        {
            return Ok(character.to_string());
        }
        let name = reference.decode().map_err(|error| fault(&error))?;
        resolve_xml_entity(&name)
            .map(str::to_owned)
            .ok_or_else(|| self.fault(format!("&{name};"), "no entities but those of XML"))
    }

    fn root(mut self) -> Result<Element, FormatError> {
        if 1 < self.open.len() {
            let name = self.open.last().map_or("", |open| open.name.as_str());
            let found = format!("the end inside <{name}>");
            return Err(self
                .fault(found, "a whole document")
                .advise("the file is cut short"));
        }
        let around = self.open.pop().unwrap_or_default();
        around
            .children
            .into_iter()
            .next()
            .ok_or_else(|| FormatError::new(STEP, "line 1", "no element", "a document"))
    }

    fn fault(&self, found: impl ToString, expected: impl ToString) -> FormatError {
        let found = quoted(&found.to_string());
        FormatError::new(STEP, format!("line {}", self.line), found, expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_without_namespaces() {
        let text = "<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM 'a.dtd'>\n<h:a x='1 &amp; 2'>\n <b>4.5</b><b/>\n<c><b>&lt;&#181;<![CDATA[<]]></b></c></h:a>";
        let root = Element::parse(text).unwrap();
        assert_eq!((&*root.name, root.line), ("a", 3));
        assert_eq!(root.attribute("x"), Some("1 & 2"));
        assert_eq!(root.number_at("b"), Some(4.5));
        assert_eq!(root.all("b").count(), 2);
        assert_eq!(root.text_at("c/b"), Some("<µ<"));
        assert_eq!(root.walk().count(), 5);
        assert_eq!(root.find("c").map(|element| element.line), Some(5));
    }

    #[test]
    fn what_is_no_document_is_refused_with_its_line() {
        let check = |text: &str, place: &str| {
            let error = Element::parse(text).unwrap_err();
            assert_eq!(&*error.place, place, "{error}");
        };
        check("", "line 1");
        check("<a>\n<b></a>", "line 2");
        check("<a>\n<b>", "line 2");
        check("<a>\n&lol;</a>", "line 2");
        check("<a x='&lol;'/>", "line 1");
        let laughs = "<!DOCTYPE a [<!ENTITY l \"ha\"><!ENTITY m \"&l;&l;\">]>\n<a>&m;</a>";
        check(laughs, "line 1");
        check(&"<a>".repeat(100_000), "line 1");
        check(&format!("<a>{}</a>", "<b/>".repeat(ELEMENTS)), "line 1");
        let many: String = (0..300).map(|idx| format!(" a{idx}='1'")).collect();
        check(&format!("<a{many}/>"), "line 1");
    }
}
