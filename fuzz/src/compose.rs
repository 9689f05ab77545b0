//! Plausible networks: bytes choose sections, fields and values, most of which are right. Raw
//! bytes never reach lowering and three steps on every engine; most of these do.

use crate::model_file::judge;
use arbitrary::{Result, Unstructured};
use std::fmt::Write;
use std::path::Path;

/// Bytes as choices, the choices as a network.
pub fn network(data: &[u8]) {
    judge(&text(data), &[], Path::new("/nonexistent"));
}

/// The model file that the bytes choose. When they are used up, the first choice is taken.
pub fn text(data: &[u8]) -> String {
    let mut composer = Composer { bytes: Unstructured::new(data), out: String::new() };
    // An error would be a lack of bytes, and then the text ends here.
    let _ = composer.file();
    composer.out
}

/// The parts of a model that a network uses: its name, receptors with a unit and a weight that
/// matters, a current that drives it, and a state variable.
struct Model {
    name: &'static str,
    receptors: &'static [(&'static str, &'static str)],
    current: &'static str,
    state: &'static str,
}

const MODELS: [Model; 8] = [
    Model { name: "lif_exp", receptors: &[("syn", "pA")], current: "450 pA", state: "v" },
    Model {
        name: "lif_exp_2",
        receptors: &[("exc", "pA"), ("inh", "pA")],
        current: "250 pA",
        state: "v",
    },
    Model {
        name: "lif_cond_exp",
        receptors: &[("exc", "nS"), ("inh", "nS")],
        current: "400 pA",
        state: "g_exc",
    },
    Model { name: "adex", receptors: &[("exc", "nS")], current: "700 pA", state: "w" },
    Model { name: "izhikevich", receptors: &[("syn", "")], current: "10", state: "u" },
    Model { name: "lif_delta", receptors: &[("syn", "mV")], current: "400 pA", state: "v" },
    Model { name: "own", receptors: &[("syn", "")], current: "5", state: "x" },
    Model { name: "spike_list", receptors: &[], current: "", state: "" },
];

const TIMES: [&str; 12] = [
    "\"0.1 ms\"",
    "\"1 ms\"",
    "\"2.5 ms\"",
    "\"100 us\"",
    "\"0.2 ms + 0.1 ms\"",
    "\"dt\"",
    "\"0 ms\"",
    "\"6553.5 ms\"",
    "\"-1 ms\"",
    "\"1e300 s\"",
    "\"1 mV\"",
    "\"0.15 ms\"",
];

const FACTORS: [&str; 14] = [
    "1", "0", "-1", "30", "0.001", "1e-20", "-250", "1e7", "1e24", "1e38", "-1e-30", "1e300", "k",
    "1 / 0",
];

/// Operands of expressions in the model `own`.
const OPERANDS: [&str; 20] = [
    "x",
    "y",
    "p",
    "q",
    "k",
    "1",
    "0.5",
    "-3",
    "1e-3",
    "1e30",
    "dt",
    "syn",
    "i_ext",
    "a",
    "g",
    "h",
    "rand_uniform()",
    "rand_normal()",
    "pi",
    "0",
];

const OPERATORS: [&str; 6] = ["+", "-", "*", "/", "+", "^"];

const COMPARISONS: [&str; 6] = ["<", "<=", ">", ">=", "==", "!="];

const FUNCTIONS: [&str; 14] = [
    "exp", "ln", "sqrt", "tanh", "sin", "cos", "abs", "floor", "ceil", "round", "exprel", "-", "",
    "!",
];

struct Composer<'a> {
    bytes: Unstructured<'a>,
    out: String,
}

impl Composer<'_> {
    fn file(&mut self) -> Result<()> {
        let dt = self.pick(&["\"0.1 ms\"", "\"0.5 ms\"", "\"1 ms\"", "\"1 us\"", "\"1 s\""])?;
        let batch = self.pick(&["1", "1", "2", "3", "65536"])?;
        let seed = self.bytes.arbitrary::<u8>()?;
        self.line(&format!("[network]\ndt = {dt}\nseed = {seed}\nbatch = {batch}"));
        self.line("[constants]\nk = 2");
        let populations = self.bytes.int_in_range(1..=3)?;
        let mut models = Vec::new();
        for index in 0..populations {
            models.push(self.population(index)?);
        }
        if models.iter().any(|model| model.name == "own") {
            self.own()?;
        }
        for index in 0..self.bytes.int_in_range(0..=4)? {
            self.projection(index, &models)?;
        }
        for index in 0..self.bytes.int_in_range(0..=3)? {
            self.stimulus(index, &models)?;
        }
        for index in 0..self.bytes.int_in_range(0..=2)? {
            self.probe(index, &models)?;
        }
        Ok(())
    }

    fn population(&mut self, index: usize) -> Result<&'static Model> {
        let model = self.bytes.choose(&MODELS)?;
        let size = self.pick(&["1", "3", "17", "\"k * 16\"", "33", "\"2 ^ 31\"", "0"])?;
        self.line(&format!("[population.p{index}]\nsize = {size}\nmodel = \"{}\"", model.name));
        if model.name == "spike_list" {
            let time = self.pick(&TIMES)?;
            let neuron = self.pick(&["0", "2", "1", "16"])?;
            self.line(&format!("spikes = [[\"0.1 ms\", 0], [{time}, {neuron}]]"));
        } else if self.bytes.ratio(1, 3)? {
            let draw = self.pick(&["uniform(0, 1)", "normal(0, 1)", "i / n", "i * k"])?;
            self.line(&format!("random = {{ r = \"{draw}\" }}"));
            let (variable, unit) = match model.state {
                "x" => ("x", ""),
                "g_exc" => ("g_exc", "1 nS * "),
                _ => ("v", if model.name == "izhikevich" { "1 mV * " } else { "30 mV * " }),
            };
            let value = self.pick(&["r", "(r - 2)", "abs(r)", "0", "-2", "exp(r)", "1e300"])?;
            self.line(&format!("initial = {{ {variable} = \"{unit}{value}\" }}"));
        }
        Ok(model)
    }

    /// A model of random statements.
    fn own(&mut self) -> Result<()> {
        self.line("[model.own]\ncurrent = \"1\"");
        let refractory = self.pick(&["\"0 ms\"", "\"0.5 ms\"", "\"p * 1 ms\"", "\"dt\""])?;
        self.line(&format!("refractory = {refractory}"));
        self.out += "update = \"\"\"\nlet a = x + syn * 0.01 + i_ext\nlet g = 2\nlet h = p + 1\n";
        for _ in 0..self.bytes.int_in_range(0..=6)? {
            self.statement(2)?;
        }
        self.out += "y = clamp(y, -1e3, 1e3)\nx = clamp(x * 0.9 + a, -1e3, 1e3)\n\"\"\"\n";
        let spike = self.pick(&["level", "crossing"])?;
        let _ = write!(self.out, "spike = \"{spike}\"\nthreshold = \"");
        match spike {
            // The condition of a crossing is of state.
            "crossing" => self.add(&["x > y", "x >= p && !refractory", "y < k", "true"])?,
            _ => self.condition(1)?,
        }
        self.out += "\"\nreset = \"\"\"\n";
        for _ in 0..self.bytes.int_in_range(0..=2)? {
            self.statement(1)?;
        }
        self.out += "\"\"\"\n";
        self.line("[model.own.parameters]\np = 0.5\nq = \"3 + k\"");
        self.line("[model.own.state]\nx = 1\ny = \"p * q\"\n[model.own.receptors]\nsyn = \"1\"");
        Ok(())
    }

    fn statement(&mut self, depth: u32) -> Result<()> {
        if depth > 0 && self.bytes.ratio(1, 4)? {
            self.out += "if ";
            self.condition(1)?;
            self.out += " {\n";
            self.statement(depth - 1)?;
            self.out += "} else {\n";
            self.statement(depth - 1)?;
            self.out += "}\n";
            return Ok(());
        }
        let to = self.pick(&["x", "y", "a", "g", "h", "let b"])?;
        let op = self.pick(&["=", "=", "+=", "-=", "*=", "/="])?;
        let _ = write!(self.out, "{to} {op} ");
        self.expression(3)?;
        self.out += "\n";
        Ok(())
    }

    fn expression(&mut self, depth: u32) -> Result<()> {
        let kind = if depth == 0 { 0 } else { self.bytes.int_in_range(0..=7)? };
        match kind {
            0 | 1 => self.add(&OPERANDS)?,
            2 | 3 => {
                self.add(&FUNCTIONS)?;
                self.out += "(";
                self.expression(depth - 1)?;
                self.out += ")";
            }
            4 => {
                self.out += "if ";
                self.condition(depth - 1)?;
                self.out += " { ";
                self.expression(depth - 1)?;
                self.out += " } else { ";
                self.expression(depth - 1)?;
                self.out += " }";
            }
            5 => {
                self.add(&["min(", "max(", "pow(", "clamp(0, "])?;
                self.expression(depth - 1)?;
                self.out += ", ";
                self.expression(depth - 1)?;
                self.out += ")";
            }
            _ => {
                self.out += "(";
                self.expression(depth - 1)?;
                let operator = self.pick(&OPERATORS)?;
                let _ = write!(self.out, " {operator} ");
                self.expression(depth - 1)?;
                self.out += ")";
            }
        }
        Ok(())
    }

    fn condition(&mut self, depth: u32) -> Result<()> {
        match self.bytes.int_in_range(0..=5)? {
            0 => self.add(&["refractory", "!refractory", "true", "false"])?,
            1 if depth > 0 => {
                self.out += "(";
                self.condition(depth - 1)?;
                self.add(&[" && ", " || "])?;
                self.condition(depth - 1)?;
                self.out += ")";
            }
            _ => {
                self.expression(depth)?;
                let comparison = self.pick(&COMPARISONS)?;
                let _ = write!(self.out, " {comparison} ");
                self.expression(depth)?;
            }
        }
        Ok(())
    }

    fn projection(&mut self, index: usize, models: &[&Model]) -> Result<()> {
        let (from, to) =
            (self.bytes.choose_index(models.len())?, self.bytes.choose_index(models.len())?);
        self.line(&format!("[projection.j{index}]\nfrom = \"p{from}\"\nto = \"p{to}\""));
        let mut unit = "pA";
        if !models[to].receptors.is_empty() {
            let (receptor, of_receptor) = *self.bytes.choose(models[to].receptors)?;
            unit = of_receptor;
            self.line(&format!("receptor = \"{receptor}\""));
        }
        let rule = self.pick(&[
            "\"all_to_all\"",
            "\"one_to_one\"",
            "{ fixed_probability = 0.3 }",
            "{ fixed_in_degree = 2 }",
            "{ fixed_out_degree = \"k + 1\" }",
            "{ fixed_total_number = 40 }",
            "{ list = [[0, 0], [0, 0]] }",
            "{ list = [] }",
            "{ fixed_probability = 1e-8 }",
            "{ fixed_in_degree = 2147483647 }",
            "{ fixed_total_number = 1099511627776 }",
            "{ fixed_out_degree = 0 }",
        ])?;
        self.line(&format!("connect = {rule}"));
        let weight = self.value(unit)?;
        self.line(&format!("weight = {weight}"));
        if self.bytes.ratio(2, 3)? {
            let delay = self.pick(&TIMES)?;
            let delay = match self.bytes.int_in_range(0..=2)? {
                0 => delay.to_string(),
                1 => format!("{{ uniform = [\"0.1 ms\", {delay}] }}"),
                _ => format!("{{ normal = [{delay}, \"0.3 ms\"] }}"),
            };
            self.line(&format!("delay = {delay}"));
        }
        for flag in ["autapses = false", "multapses = false", "procedural = true"] {
            if self.bytes.ratio(1, 6)? {
                self.line(flag);
            }
        }
        if self.bytes.ratio(1, 4)? {
            let bits = self.pick(&["16", "32", "8"])?;
            self.line(&format!("weight_bits = {bits}"));
        }
        if self.bytes.ratio(1, 6)? {
            let bounds =
                self.pick(&["\"0 nS\", \"9 nS\"", "\"-1 nA\", \"1 nA\"", "\"2 mV\", 1"])?;
            self.line(&format!("weight_bounds = [{bounds}]"));
        }
        Ok(())
    }

    /// A weight or a current.
    fn value(&mut self, unit: &str) -> Result<String> {
        let kind = self.bytes.int_in_range(0..=3)?;
        let mut one = || -> Result<String> {
            let factor = self.bytes.choose(&FACTORS)?;
            Ok(if unit.is_empty() {
                format!("\"{factor}\"")
            } else {
                format!("\"{factor} * 1 {unit}\"")
            })
        };
        Ok(match kind {
            0 | 1 => one()?,
            2 => format!("{{ uniform = [{}, {}] }}", one()?, one()?),
            _ => {
                let outside = ["", ", outside = \"clip\""];
                let (mean, sd) = (one()?, one()?);
                format!("{{ normal = [{mean}, {sd}]{} }}", self.bytes.choose(&outside)?)
            }
        })
    }

    fn stimulus(&mut self, index: usize, models: &[&Model]) -> Result<()> {
        let at = self.bytes.choose_index(models.len())?;
        let model = models[at];
        self.line(&format!("[stimulus.s{index}]\npopulation = \"p{at}\""));
        let factor = self.pick(&FACTORS)?;
        let current = format!("\"{factor} * {}\"", model.current);
        match self.bytes.int_in_range(0..=3)? {
            0 => self.line(&format!("kind = \"current\"\namplitude = {current}")),
            1 => {
                let mean = model.current;
                self.line(&format!("kind = \"noise\"\nmean = \"{mean}\"\nsd = {current}"));
            }
            2 => {
                let times = self.pick(&["[]", "[\"0 ms\"]", "[\"0 ms\", \"1 s\"]"])?;
                let count = times.matches('"').count() / 2;
                let amplitudes = vec![current; count].join(", ");
                self.line(&format!(
                    "kind = \"steps\"\ntimes = {times}\namplitudes = [{amplitudes}]"
                ));
            }
            _ => {
                let rate = self.pick(&["2 kHz", "8 Hz", "0 Hz", "1e6 kHz", "-1 Hz", "80 kHz"])?;
                let (receptor, unit) = model.receptors.first().copied().unwrap_or(("syn", ""));
                self.line(&format!(
                    "kind = \"poisson\"\nrate = \"{rate}\"\nreceptor = \"{receptor}\""
                ));
                let weight = if unit.is_empty() {
                    format!("\"{factor}\"")
                } else {
                    format!("\"{factor} * 1 {unit}\"")
                };
                self.line(&format!("weight = {weight}"));
            }
        }
        if self.bytes.ratio(1, 4)? {
            let (start, stop) = (self.pick(&TIMES)?, self.pick(&TIMES)?);
            self.line(&format!("start = {start}\nstop = {stop}"));
        }
        Ok(())
    }

    fn probe(&mut self, index: usize, models: &[&Model]) -> Result<()> {
        let at = self.bytes.choose_index(models.len())?;
        let state = models[at].state;
        let neurons = self.pick(&["\"all\"", "{ first = 1 }", "[0]", "[]", "[2, 1]"])?;
        self.line(&format!("[probe.r{index}]\npopulation = \"p{at}\"\nvariable = \"{state}\""));
        self.line(&format!("neurons = {neurons}"));
        if self.bytes.ratio(1, 2)? {
            let every = self.pick(&TIMES)?;
            self.line(&format!("every = {every}"));
        }
        Ok(())
    }

    fn pick(&mut self, from: &[&'static str]) -> Result<&'static str> {
        self.bytes.choose(from).copied()
    }

    fn add(&mut self, from: &[&'static str]) -> Result<()> {
        let word = self.pick(from)?;
        self.out += word;
        Ok(())
    }

    fn line(&mut self, text: &str) {
        self.out += text;
        self.out += "\n";
    }
}
