//! Standard output and error. In this room `print!`, `println!` and `eprintln!` mean the ones below:
//! whose reader may leave (`| head`), which ends a command quietly; whose disk may be full, which
//! fails it; and which no name in a file can make obey it.

use std::{
    fmt::Arguments,
    io::{self, ErrorKind, Write},
};

use serde::Serialize;

use super::CliError;
use crate::ecg::plain_text;

/// Standard output, byte by byte; writing after its reader has left ends the program.
pub(super) struct StandardOutput;

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        quietly(io::stdout().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        quietly(io::stdout().flush())
    }
}

fn quietly<T>(done: io::Result<T>) -> io::Result<T> {
    if done
        .as_ref()
        .is_err_and(|it| it.kind() == ErrorKind::BrokenPipe)
    {
        crate::formats::remove_unfinished();
        std::process::exit(0);
    }
    done
}

/// Writes to standard output; where that fails, so does the command.
pub(super) fn print(text: Arguments) {
    done(StandardOutput.write_all(plain_text(&text.to_string()).as_bytes()));
}

/// Writes a line of a long work's account, which goes on when the reader of the account has left.
pub(super) fn print_line(text: &str) {
    let written = writeln!(io::stdout().lock(), "{}", plain_text(text));
    if !written
        .as_ref()
        .is_err_and(|it| it.kind() == ErrorKind::BrokenPipe)
    {
        done(written);
    }
}

/// Writes JSON for people and programs alike: indented.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value).map_err(CliError::from_error)?;
    print(format_args!("{text}\n"));
    Ok(())
}

/// To be called at the end: what is still held back is written.
pub(super) fn finish() {
    done(StandardOutput.flush());
}

fn done(written: io::Result<()>) {
    if let Err(error) = written {
        crate::formats::remove_unfinished();
        print_error(format_args!("ecg-panorama: standard output: {error}\n"));
        std::process::exit(1);
    }
}

/// Writes to standard error; where nobody can be told, the work goes on.
pub(super) fn print_error(text: Arguments) {
    let _ = io::stderr().write_all(plain_text(&text.to_string()).as_bytes());
}

macro_rules! print {
    ($($arg:tt)*) => { $crate::cli::print::print(format_args!($($arg)*)) };
}

macro_rules! println {
    () => { $crate::cli::print::print(format_args!("\n")) };
    ($($arg:tt)*) => { $crate::cli::print::print(format_args!("{}\n", format_args!($($arg)*))) };
}

macro_rules! eprintln {
    ($($arg:tt)*) => {
        $crate::cli::print::print_error(format_args!("{}\n", format_args!($($arg)*)))
    };
}
