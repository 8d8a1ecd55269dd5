//! What the program promises about files, read as a list. Each test tries a promise on the program
//! as a user runs it, with every command or format that the promise is about.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

#[cfg(feature = "archive")]
mod archive;
mod batch;
mod desk;
mod gates;
mod hostile;
mod identity;
mod interruption;
mod origin;
mod plain_words;
mod shown;
mod writing;
