//! The command line: `isospike run | compare | inspect | devices | energy | bench | conformance | plot`. See `docs/cli.md`.

mod args;
mod backends;
mod bench;
mod checkpoint;
mod command;
mod drive;
mod energy;
mod failure;
#[cfg(test)]
mod fake;
mod folder;
mod load;
mod mistakes;
mod npz;
mod plot;
mod progress;
mod replace;
mod report;
mod series;
mod table;
mod time;
mod trace;
mod traffic;

use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(command::say_usage(&error)),
    };
    load::bound_builders(cli.command.cpu_threads());
    let (result, json) = match &cli.command {
        Command::Run(args) => (command::run::run(args), args.output.json),
        Command::Compare(args) => (command::compare::compare(args), args.output.json),
        Command::Inspect(args) => (command::inspect::inspect(args), args.json),
        Command::Devices(args) => (command::devices::devices(args), args.json),
        Command::Energy(args) => (command::energy::energy(args), args.json),
        Command::Bench(args) => (command::bench::bench(args), args.output.json),
        Command::Conformance(args) => (command::conformance::conformance(args), args.json),
        Command::Plot(args) => (command::plot::plot(args), false),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(json);
            ExitCode::from(failure.code())
        }
    }
}
