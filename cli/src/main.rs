//! The command line: `isospike run | compare | inspect | devices | energy | bench | conformance |
//! plot`. See `docs/cli.md`.

mod args;
mod bench;
mod command;
mod failure;
mod plot;
mod progress;
mod report;
mod table;
mod time;

use args::{Cli, Command};
use clap::Parser;
use isospike_core::base::cores::cores;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(command::say_usage(&error)),
    };
    bound_builders(cli.command.cpu_threads());
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

/// Bounds the threads that draw rows and build networks by those that are given for the cpu.
fn bound_builders(threads: Option<u32>) {
    if let Some(threads) = threads {
        let threads = cores().min(threads as usize);
        // Fails only where threads build already, and this comes first of all.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
}
