//! Workloads: which network, for how long, and what is wanted of it.

use isospike_core::base::input;
use isospike_core::base::units::Dimension;
use isospike_front::diagnostic::{Diagnostic, Diagnostics, Location, SourceFile};
use isospike_front::file::{self, Override};
use isospike_front::language::{Constants, closest, is_name, quantity};
use isospike_front::network::{Content, Network, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::Spanned;

/// The file that is part of the program.
const BUILT_IN: &str = include_str!("../workloads.toml");

/// The model files that it names: as it writes them, as they are named from the root, their text.
const MODELS: [(&str, &str, &str); 8] = [
    ("../examples/cuba.toml", "examples/cuba.toml", include_str!("../../examples/cuba.toml")),
    ("../examples/coba.toml", "examples/coba.toml", include_str!("../../examples/coba.toml")),
    ("../examples/cobahh.toml", "examples/cobahh.toml", include_str!("../../examples/cobahh.toml")),
    (
        "../examples/brunel_ai.toml",
        "examples/brunel_ai.toml",
        include_str!("../../examples/brunel_ai.toml"),
    ),
    (
        "../examples/brunel_stdp.toml",
        "examples/brunel_stdp.toml",
        include_str!("../../examples/brunel_stdp.toml"),
    ),
    (
        "../examples/izhikevich_2003.toml",
        "examples/izhikevich_2003.toml",
        include_str!("../../examples/izhikevich_2003.toml"),
    ),
    (
        "../examples/microcircuit.toml",
        "examples/microcircuit.toml",
        include_str!("../../examples/microcircuit.toml"),
    ),
    ("neurons.toml", "benches/neurons.toml", include_str!("../neurons.toml")),
];

/// How far rates may be from the reference where the file does not say.
const RATES_WITHIN: f64 = 0.1;

/// Workloads in the order of their file.
#[derive(Clone, Debug)]
pub struct Workloads(pub Vec<Workload>);

/// A network to be measured.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// The model file; of a built-in workload its path in the repository.
    pub model: String,
    /// Fields replaced.
    pub set: Vec<Override>,
    /// Time that is run first and not measured.
    pub warm_up_ms: f64,
    /// Time that each repetition measures.
    pub measured_ms: f64,
    /// How often the network is built, warmed up and measured; at least 1.
    pub repetitions: u32,
    /// How far rates may be from the reference rates, as a share of these.
    pub rates_within: f64,
    /// The limit that should be held.
    pub bar: Goals,
    /// The goal.
    pub aim: Goals,
    /// The best of other simulators.
    pub peer: Option<Peer>,
    source: Source,
}

/// Figures that are wanted, or were reached; at most some of them are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Goals {
    /// Wall time over simulated time, at most.
    pub real_time_factor: Option<f64>,
    /// Seconds from the checked network to a simulation that can run, at most.
    pub build_s: Option<f64>,
    /// Neuron updates per second, at least.
    pub updates_per_s: Option<f64>,
    /// Memory of the process at its peak in 1e9 bytes, at most.
    pub peak_gb: Option<f64>,
    /// The time that moving the bytes alone would take over the time taken, at least.
    pub share_of_limit: Option<f64>,
}

/// The best that another simulator reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Which, and how.
    pub name: String,
    /// Wall time over simulated time.
    pub real_time_factor: Option<f64>,
    /// Neuron updates per second.
    pub updates_per_s: Option<f64>,
    /// Seconds of building.
    pub build_s: Option<f64>,
    /// Memory at its peak in 1e9 bytes.
    pub peak_gb: Option<f64>,
    /// The machine and the day of that measurement.
    pub source: String,
}

/// The file of the model.
#[derive(Clone, Debug)]
enum Source {
    /// Part of the program: its path in the repository, its text.
    Text(&'static str, &'static str),
    /// A file, with its text: workloads of one model, and repetitions, read it once.
    File(PathBuf, Arc<str>),
}

impl Source {
    fn name(&self) -> String {
        match self {
            Self::Text(name, _) => (*name).to_owned(),
            Self::File(path, _) => path.display().to_string(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    workload: BTreeMap<Spanned<String>, WrittenWorkload>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWorkload {
    model: Spanned<String>,
    #[serde(default)]
    set: Vec<Spanned<String>>,
    warm_up: Spanned<String>,
    measured: Spanned<String>,
    repetitions: Spanned<u32>,
    rates_within: Option<Spanned<f64>>,
    #[serde(default)]
    bar: Goals,
    #[serde(default)]
    aim: Goals,
    peer: Option<Peer>,
    /// For `benches/peers/run`.
    #[serde(default, rename = "peers")]
    _peers: Vec<String>,
}

impl Workloads {
    /// Those of `benches/workloads.toml`, which are part of the program with their models.
    ///
    /// # Errors
    /// None: a test reads the file.
    pub fn built_in() -> Result<Self, Diagnostics> {
        let model = |name: &str| {
            let found = MODELS.iter().find(|(written, ..)| *written == name);
            found.map(|(_, name, text)| Source::Text(name, text)).ok_or(ErrorKind::NotFound.into())
        };
        parse(BUILT_IN, "benches/workloads.toml", model)
    }

    /// Those of a file. Models are looked for from its folder.
    ///
    /// # Errors
    /// A file that cannot be read; the first mistake of its form, else all of its content.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        let name = path.display().to_string();
        let text = input::text(path, input::WORKLOADS).map_err(|error| {
            let location = Location { file: Some(name.as_str().into()), ..Location::default() };
            let help = "give the path of a file like benches/workloads.toml, in UTF-8";
            Diagnostics(vec![diagnostic(
                location,
                "workloads",
                "",
                format!("cannot be read: {error}"),
                help,
            )])
        })?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut texts: BTreeMap<PathBuf, Arc<str>> = BTreeMap::new();
        let model = |name: &str| {
            let path = folder.join(name);
            if let Some(text) = texts.get(&path) {
                return Ok(Source::File(path, text.clone()));
            }
            let text: Arc<str> = input::text(&path, input::MODEL)?.into();
            texts.insert(path.clone(), text.clone());
            Ok(Source::File(path, text))
        };
        parse(&text, &name, model)
    }

    /// The workloads of these names, in the order of the names; all where there is none.
    ///
    /// # Errors
    /// The names that are not there.
    pub fn choose(self, names: &[String]) -> Result<Self, Diagnostics> {
        if names.is_empty() {
            return Ok(self);
        }
        let known = || self.0.iter().map(|w| w.name.as_str());
        let missing = |name: &&String| known().all(|known| known != name.as_str());
        let wrong = |name: &String| {
            let help = match closest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
            };
            diagnostic(
                Location::default(),
                &format!("workload {name}"),
                "",
                "is not there".into(),
                &help,
            )
        };
        let wrong: Vec<Diagnostic> = names.iter().filter(missing).map(wrong).collect();
        if !wrong.is_empty() {
            return Err(Diagnostics(wrong));
        }
        let find = |name: &String| self.0.iter().find(|w| w.name == *name).cloned();
        Ok(Self(names.iter().filter_map(find).collect()))
    }
}

impl Workload {
    /// The network as described, to run for `warm_up_ms` and `measured_ms`.
    ///
    /// # Errors
    /// As [`file::read`].
    pub fn network(&self) -> Result<Network, Diagnostics> {
        let mut overrides = self.set.clone();
        // Rates count from the end of the warm-up on.
        for (path, ms) in [
            ("network.duration", self.warm_up_ms + self.measured_ms),
            ("network.transient", self.warm_up_ms),
        ] {
            overrides.push(Override { path: path.into(), value: format!("\"{ms} ms\"") });
        }
        match &self.source {
            Source::Text(name, text) => file::parse(text, name, Path::new(""), &overrides),
            Source::File(path, text) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                file::parse(text, &path.display().to_string(), folder, &overrides)
            }
        }
    }
}

fn parse(
    text: &str,
    file: &str,
    mut model: impl FnMut(&str) -> io::Result<Source>,
) -> Result<Workloads, Diagnostics> {
    let place = Place { text, file: SourceFile::new(file, text) };
    let written: Written = toml::from_str(text).map_err(|error| {
        let location = place.location(error.span().unwrap_or_default());
        let help = "benches/workloads.toml says at its top what belongs here";
        Diagnostics(vec![diagnostic(location, "workloads", "", error.message().to_owned(), help)])
    })?;
    let mut all: Vec<_> = written.workload.into_iter().collect();
    all.sort_by_key(|(name, _)| name.span().start);
    let mut diagnostics = Vec::new();
    let read = |(name, written): (Spanned<String>, WrittenWorkload)| {
        let mut reader =
            Reader { place: &place, name: name.get_ref(), diagnostics: &mut diagnostics };
        if !is_name(name.get_ref()) {
            let help = "a letter, then letters, digits and underscores";
            reader.diagnostic(name.span(), "", "the name is not a name", help);
        }
        reader.workload(written, &mut model)
    };
    let workloads: Vec<Workload> = all.into_iter().filter_map(read).collect();
    if diagnostics.is_empty() { Ok(Workloads(workloads)) } else { Err(Diagnostics(diagnostics)) }
}

/// Finds lines and columns.
struct Place<'a> {
    text: &'a str,
    file: SourceFile,
}

impl Place<'_> {
    fn location(&self, span: std::ops::Range<usize>) -> Location {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let length = self.text.get(span).map_or(1, |text| text.chars().count());
        Location {
            file: Some(self.file.clone()),
            line: before.matches('\n').count() as u32 + 1,
            column: before[line_start..].chars().count() as u32 + 1,
            length: length as u32,
        }
    }
}

/// Reads one workload and notes what is wrong with it.
struct Reader<'a> {
    place: &'a Place<'a>,
    name: &'a str,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn workload(
        &mut self,
        written: WrittenWorkload,
        model: &mut impl FnMut(&str) -> io::Result<Source>,
    ) -> Option<Workload> {
        let before = self.diagnostics.len();
        let source = model(written.model.get_ref()).map_err(|error| {
            let help = "give the path of a model file, from the folder of this file";
            let message = match error.kind() {
                ErrorKind::NotFound => "there is no such model file".into(),
                _ => format!("the model file cannot be read: {error}"),
            };
            self.diagnostic(written.model.span(), "model", &message, help);
        });
        let set = written.set.iter().filter_map(|text| self.replacement(text)).collect();
        let warm_up_ms = self.time("warm_up", &written.warm_up, 0.0);
        let measured_ms = self.time("measured", &written.measured, f64::MIN_POSITIVE);
        if *written.repetitions.get_ref() == 0 {
            let help = "at least 1";
            self.diagnostic(written.repetitions.span(), "repetitions", "nothing would run", help);
        }
        let rates_within = match &written.rates_within {
            None => RATES_WITHIN,
            Some(share) if *share.get_ref() > 0.0 && share.get_ref().is_finite() => {
                *share.get_ref()
            }
            Some(share) => {
                let help = "a number above 0, such as 0.1";
                self.diagnostic(share.span(), "rates_within", "is not a share", help);
                RATES_WITHIN
            }
        };
        let workload = Workload {
            name: self.name.to_owned(),
            model: source.as_ref().map_or(String::new(), |source| source.name()),
            set,
            warm_up_ms,
            measured_ms,
            repetitions: written.repetitions.into_inner(),
            rates_within,
            bar: written.bar,
            aim: written.aim,
            peer: written.peer,
            source: source.ok()?,
        };
        (self.diagnostics.len() == before).then_some(workload)
    }

    fn replacement(&mut self, text: &Spanned<String>) -> Option<Override> {
        match text.get_ref().parse() {
            Ok(one) => Some(one),
            Err(help) => {
                let help: String = help;
                self.diagnostic(text.span(), "set", "is not a replacement", &help);
                None
            }
        }
    }

    /// A time in ms, at least `least`.
    fn time(&mut self, field: &str, text: &Spanned<String>, least: f64) -> f64 {
        let value =
            Value { content: Content::Text(text.get_ref().clone()), location: Location::default() };
        let time = quantity(&value, &Constants::new()).ok();
        let time = time.filter(|q| q.dimension == Dimension::TIME && q.value >= least);
        if time.is_none() {
            self.diagnostic(
                text.span(),
                field,
                "is not such a time",
                "write a time like \"0.1 s\"",
            );
        }
        time.map_or(0.0, |q| q.value)
    }

    fn diagnostic(&mut self, span: std::ops::Range<usize>, field: &str, message: &str, help: &str) {
        let location = self.place.location(span);
        let item = format!("workload {}", self.name);
        self.diagnostics.push(diagnostic(location, &item, field, message.into(), help));
    }
}

fn diagnostic(
    location: Location,
    item: &str,
    field: &str,
    message: String,
    help: &str,
) -> Diagnostic {
    Diagnostic { location, item: item.into(), field: field.into(), message, help: help.into() }
}

#[cfg(test)]
mod tests;
