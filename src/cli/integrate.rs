//! `integrate`: what a desktop, a shell and a reader of manuals want to know of the program.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap_complete::{Generator, Shell, generate};
use clap_mangen::Man;

use super::{CliError, output_args::OverwriteArgs};
use crate::formats::Output;

const NAME: &str = "ecg-panorama";
const DESKTOP_ENTRY: &str = include_str!("../../packaging/ecg-panorama.desktop");
const FILE_TYPES: &str = include_str!("../../packaging/ecg-panorama.xml");
/// Columns of the help in the reference.
const COLUMNS: usize = 100;

/// Write the menu entry, file types, icon, manual pages and completions of this program below a
/// folder such as ~/.local, where desktops and shells look for them.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder in which `share` is or will be.
    #[arg(value_name = "PREFIX", required_unless_present = "reference")]
    prefix: Option<PathBuf>,
    /// Print the reference of all commands as Markdown, and do nothing else.
    #[arg(long)]
    reference: bool,
    #[command(flatten)]
    overwrite: OverwriteArgs,
}

/// Runs the command; `program` is the whole command line.
pub fn run(args: &Args, program: clap::Command) -> Result<(), CliError> {
    if args.reference {
        print!("{}", reference(program));
        return Ok(());
    }
    let share = args
        .prefix
        .as_deref()
        .unwrap_or(Path::new(""))
        .join("share");
    let output = args.overwrite.output(None).following_no_link();
    for (place, bytes) in files(program)? {
        write(&output, &share.join(place), &bytes)?;
    }
    Ok(())
}

fn write(output: &Output, path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    if let Some(folder) = path.parent() {
        let failed = |it| CliError(format!("{it}: {}", folder.display()));
        fs::create_dir_all(folder).map_err(failed)?;
    }
    Ok(output.write(path, bytes)?)
}

/// Where each file lies below `share`, and what is in it.
fn files(program: clap::Command) -> Result<Vec<(String, Vec<u8>)>, CliError> {
    let mut program = program.name(NAME);
    let mut all = vec![
        (
            "applications/ecg-panorama.desktop".to_owned(),
            DESKTOP_ENTRY.into(),
        ),
        (
            "mime/packages/ecg-panorama.xml".to_owned(),
            FILE_TYPES.into(),
        ),
    ];
    #[cfg(feature = "gui")]
    {
        let icon = crate::export::picture_to_png(&crate::gui::icon_picture(), 96.0);
        let icon = icon.map_err(CliError::from_error)?;
        all.push((
            "icons/hicolor/128x128/apps/ecg-panorama.png".to_owned(),
            icon,
        ));
    }
    for (shell, place) in [
        (Shell::Bash, "bash-completion/completions/ecg-panorama"),
        (Shell::Zsh, "zsh/site-functions/_ecg-panorama"),
        (Shell::Fish, "fish/vendor_completions.d/ecg-panorama.fish"),
        (Shell::PowerShell, "ecg-panorama/ecg-panorama.ps1"),
    ] {
        all.push((place.to_owned(), completion(shell, &mut program)));
    }
    program.build();
    all.push(manual(program.clone(), NAME)?);
    for command in program
        .get_subcommands()
        .filter(|it| it.get_name() != "help")
    {
        let name = format!("{NAME}-{}", command.get_name());
        all.push(manual(command.clone(), &name)?);
    }
    Ok(all)
}

fn completion(shell: impl Generator, program: &mut clap::Command) -> Vec<u8> {
    let mut bytes = Vec::new();
    generate(shell, program, NAME, &mut bytes);
    bytes
}

fn manual(command: clap::Command, name: &str) -> Result<(String, Vec<u8>), CliError> {
    let mut bytes = Vec::new();
    let page = Man::new(command).title(name.to_uppercase());
    page.render(&mut bytes).map_err(CliError::from_error)?;
    Ok((format!("man/man1/{name}.1"), bytes))
}

/// All commands with their options, as Markdown.
fn reference(program: clap::Command) -> String {
    let program = program.name(NAME).term_width(COLUMNS);
    // It is no part of what is shipped.
    #[cfg(feature = "train")]
    let program = program.mut_subcommand("train", |it| it.hide(true));
    let mut program = program;
    program.build();
    let mut text = "# Command line\n\nWritten by `ecg-panorama integrate --reference`. Exit codes: 0 done, 1 something could not be done \
        (and says what), 2 wrong arguments.\n"
        .to_owned();
    text += &chapter(NAME, &mut program);
    for command in program
        .get_subcommands_mut()
        .filter(|it| it.get_name() != "help" && !it.is_hide_set())
    {
        let name = format!("{NAME} {}", command.get_name());
        text += &chapter(&name, command);
    }
    text
}

fn chapter(name: &str, command: &mut clap::Command) -> String {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    format!(
        "\n## `{name}`\n\n```text\n{}\n```\n",
        lines.join("\n").trim_end()
    )
}
