//! Traces, histograms, spike raster, rates and benchmarks, as SVG and PNG. The font is part of the
//! program, so a machine without fonts draws the same PNG.

mod axis;
mod bench;
mod canvas;
#[cfg(test)]
mod curves;
mod font;
mod histograms;
mod labels;
mod pixels;
mod raster;
mod rates;
mod traces;

use crate::failure::Failure;
use crate::report::BenchRow;
use canvas::Drawing;
use isospike_core::analyse::train::SpikeTrain;
use isospike_session::replace::replace;
use isospike_session::trace::Samples;
use std::path::{Path, PathBuf};

/// The plots of a run.
pub struct Figures<'a> {
    train: &'a SpikeTrain,
    samples: &'a Samples,
    title: String,
    from_ms: f64,
    to_ms: f64,
}

impl<'a> Figures<'a> {
    /// Plots of the whole run.
    pub fn new(train: &'a SpikeTrain, title: &str, samples: &'a Samples) -> Self {
        let to_ms = train.duration_ms();
        Self { train, samples, title: title.to_owned(), from_ms: 0.0, to_ms }
    }

    /// Plots of a part of the time.
    pub fn between(self, from_ms: f64, to_ms: f64) -> Self {
        Self { from_ms, to_ms, ..self }
    }

    /// Writes `traces` and `histograms` where there are probes with such samples, `raster` and
    /// `rates`, each as `.svg` and `.png`; gives the files written.
    pub fn write(&self, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        let mut files = Vec::new();
        if !self.samples.traces.is_empty() {
            files.extend(write(&traces::draw(self), folder, "traces")?);
        }
        if !self.samples.histograms.is_empty() {
            files.extend(write(&histograms::draw(self), folder, "histograms")?);
        }
        for (name, drawing) in [("raster", raster::draw(self)), ("rates", rates::draw(self))] {
            files.extend(write(&drawing, folder, name)?);
        }
        Ok(files)
    }

    /// The position of a time between the beginning of the plot, 0, and its end, 1.
    fn share(&self, ms: f64) -> f64 {
        (ms - self.from_ms) / (self.to_ms - self.from_ms).max(f64::MIN_POSITIVE)
    }

    /// The first step whose end lies in the plot and the first one whose end lies behind it.
    fn steps(&self) -> (u32, u32) {
        let step = |ms: f64| (ms / self.train.dt_ms).round() as u32;
        (step(self.from_ms), step(self.to_ms))
    }

    /// The positions of the spikes in the plot: they are sorted by step.
    fn spikes(&self) -> std::ops::Range<usize> {
        let (from, to) = self.steps();
        let first = self.train.step.partition_point(|&step| step < from);
        first..self.train.step.partition_point(|&step| step < to)
    }
}

/// Writes `bench.svg` and `bench.png`: rows of benchmarks beside their goals, and their phases.
pub fn write_bench(rows: &[BenchRow], folder: &Path) -> Result<[PathBuf; 2], Failure> {
    write(&bench::draw(rows), folder, "bench")
}

fn write(drawing: &Drawing, folder: &Path, name: &str) -> Result<[PathBuf; 2], Failure> {
    let svg = folder.join(format!("{name}.svg"));
    replace(&svg, |part| std::fs::write(part, drawing.svg()))?;
    let png = folder.join(format!("{name}.png"));
    replace(&png, |part| drawing.png(part))?;
    Ok([svg, png])
}
