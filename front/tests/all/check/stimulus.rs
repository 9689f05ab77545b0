//! `[stimulus.X]`.

use super::support::wrong;
use insta::assert_snapshot;

fn stimulus(fields: &str) -> String {
    wrong(&format!("[stimulus.s]\npopulation = \"inh\"\n{fields}"))
}

fn current(fields: &str) -> String {
    stimulus(&format!("kind = \"current\"\namplitude = \"1 pA\"\n{fields}"))
}

fn steps(times: &str, amplitudes: &str) -> String {
    stimulus(&format!("kind = \"steps\"\ntimes = {times}\namplitudes = {amplitudes}"))
}

#[test]
fn kind_and_population() {
    assert_snapshot!(stimulus(""), @r#"net.toml:1:11: stimulus s, field `kind`: this field is missing; give a kind: kind = "poisson", "current", "noise", "steps" or "external""#);
    assert_snapshot!(stimulus("kind = \"noize\""), @"net.toml:3:9: stimulus s, field `kind`: there is no kind of stimulus `noize`; did you mean `noise`?");
    assert_snapshot!(wrong("[stimulus.s]\nkind = \"noise\""), @r#"
    net.toml:1:11: stimulus s, field `population`: this field is missing; give the population that it drives
    net.toml:1:11: stimulus s, field `mean`: this field is missing; give the mean: mean = "0 pA"
    net.toml:1:11: stimulus s, field `sd`: this field is missing; give the standard deviation of one step: sd = "50 pA"
    "#);
    let to = |population: &str| {
        wrong(&format!(
            "[stimulus.s]\npopulation = \"{population}\"\nkind = \"current\"\namplitude = \"1 pA\""
        ))
    };
    assert_snapshot!(to("told"), @"net.toml:2:15: stimulus s, field `population`: `told` is a spike_list, which receives nothing; choose a population of neurons");
    assert_snapshot!(to("sum"), @r#"net.toml:1:11: stimulus s, field `kind`: the model leaky_integrator takes no current (`i_ext`); use kind = "poisson", or another model"#);
    assert_snapshot!(to("ihn"), @"net.toml:2:15: stimulus s, field `population`: there is no population `ihn`; did you mean `inh`?");
}

#[test]
fn external() {
    assert_snapshot!(stimulus("kind = \"external\"\namplitude = \"1 pA\""), @"net.toml:4:1: stimulus s, field `amplitude`: there is no such field; the fields are `population`, `kind`, `start`, `stop`");
    let to = |population: &str| {
        wrong(&format!("[stimulus.s]\npopulation = \"{population}\"\nkind = \"external\""))
    };
    assert_snapshot!(to("told"), @"net.toml:2:15: stimulus s, field `population`: `told` is a spike_list, which receives nothing; choose a population of neurons");
    assert_snapshot!(to("sum"), @r#"net.toml:1:11: stimulus s, field `kind`: the model leaky_integrator takes no current (`i_ext`); use kind = "poisson", or another model"#);
}

#[test]
fn poisson() {
    assert_snapshot!(stimulus("kind = \"poisson\""), @r#"
    net.toml:1:11: stimulus s, field `rate`: this field is missing; give a rate: rate = "8 Hz"
    net.toml:1:11: stimulus s, field `weight`: this field is missing; give a weight: weight = "87.8 pA"
    "#);
    let poisson = |rate: &str, weight: &str, more: &str| {
        stimulus(&format!("kind = \"poisson\"\nrate = {rate}\nweight = {weight}\n{more}"))
    };
    assert_snapshot!(poisson("\"-1 Hz\"", "\"1 pA\"", ""), @r#"net.toml:4:9: stimulus s, field `rate`: a rate cannot be negative; give a rate such as "8 Hz""#);
    assert_snapshot!(poisson("8", "\"1 nS\"", ""), @r#"
    net.toml:4:8: stimulus s, field `rate`: this is a plain number, not a rate; give a rate like "8 Hz"
    net.toml:5:11: stimulus s, field `weight`: this is a conductance, not a current; give a current like "100 pA"
    "#);
    assert_snapshot!(poisson("\"1 kHz\"", "\"1 pA\"", "sources = 1e5"), @"net.toml:4:9: stimulus s, field `rate`: 10000 events are expected per step and neuron; at most 512 are possible: lower the rate, the sources or dt");
    assert_snapshot!(poisson("\"1 kHz\"", "\"1 pA\"", "sources = -1"), @"net.toml:6:11: stimulus s, field `sources`: -1 is out of range; give a number from 0 to 2147483648");
    assert_snapshot!(poisson("\"1 kHz\"", "\"1 pA\"", "receptor = \"exc\"\namplitude = 1"), @r#"
    net.toml:6:13: stimulus s, field `receptor`: the model lif_exp has no receptor `exc`; the receptors are `syn`
    net.toml:7:1: stimulus s, field `amplitude`: there is no such field; the fields are `population`, `kind`, `receptor`, `rate`, `weight`, `sources`, `times`, `every`, `start`, `stop`
    "#);
    let signed = "[stimulus.s]\npopulation = \"exc\"\nkind = \"poisson\"\nrate = \"1 Hz\"\n\
                  receptor = \"exc\"\nweight = \"-1 pA\"";
    assert_snapshot!(wrong(signed), @"net.toml:6:11: stimulus s, field `weight`: the receptor `exc` takes weights of 0 or more; the least here is -1 pA");
}

#[test]
fn currents() {
    assert_snapshot!(stimulus("kind = \"current\""), @r#"net.toml:1:11: stimulus s, field `amplitude`: this field is missing; give a current: amplitude = "100 pA""#);
    assert_snapshot!(stimulus("kind = \"current\"\namplitude = \"1 mV\""), @r#"net.toml:4:14: stimulus s, field `amplitude`: this is a voltage, not a current; give a current like "100 pA""#);
    assert_snapshot!(stimulus("kind = \"noise\"\nmean = \"0 pA\"\nsd = \"-1 pA\""), @"net.toml:5:7: stimulus s, field `sd`: the standard deviation is negative; give 0 or more");
    assert_snapshot!(stimulus("kind = \"noise\""), @r#"
    net.toml:1:11: stimulus s, field `mean`: this field is missing; give the mean: mean = "0 pA"
    net.toml:1:11: stimulus s, field `sd`: this field is missing; give the standard deviation of one step: sd = "50 pA"
    "#);
}

#[test]
fn times() {
    assert_snapshot!(current("start = \"0.25 ms\"\nstop = \"0.30001 ms\""), @r#"
    net.toml:5:10: stimulus s, field `start`: this time is not a multiple of dt = 0.1 ms; the nearest are 0.2 ms and 0.3 ms
    net.toml:6:9: stimulus s, field `stop`: this time is not a multiple of dt = 0.1 ms; the nearest are 0.3 ms and 0.4 ms
    "#);
    assert_snapshot!(current("start = \"2 ms\"\nstop = \"1 ms\""), @"net.toml:6:9: stimulus s, field `stop`: it stops before it starts; give a stop after the start");
    assert_snapshot!(current("start = \"-2 ms\""), @"net.toml:5:10: stimulus s, field `start`: this time is negative; give a time of 0 ms or later");
    assert_snapshot!(current("stop = \"1e30 ms\""), @"net.toml:5:9: stimulus s, field `stop`: this time is more than 2^32 - 2 steps; give less than 429496729.4 ms, or a larger dt");
}

#[test]
fn current_steps() {
    assert_snapshot!(stimulus("kind = \"steps\""), @r#"net.toml:1:11: stimulus s, field `amplitudes`: this field is missing; give a current for each time: amplitudes = ["100 pA"]"#);
    assert_snapshot!(steps("[\"1 ms\", \"2 ms\"]", "[\"1 pA\"]"), @"net.toml:5:14: stimulus s, field `amplitudes`: 2 times but 1 amplitudes; give as many of one as of the other");
    assert_snapshot!(steps("[\"2 ms\", \"1 ms\", \"1.05 ms\"]", "[\"1 pA\", 1, \"2 pA\"]"), @r#"
    net.toml:4:19: stimulus s, field `times[1]`: this time is not after the one before it; sort the times
    net.toml:4:27: stimulus s, field `times[2]`: this time is not a multiple of dt = 0.1 ms; the nearest are 1 ms and 1.1 ms
    net.toml:5:23: stimulus s, field `amplitudes[1]`: this is a plain number, not a current; give a current like "100 pA"
    "#);
    assert_snapshot!(steps("3", "\"1 pA\""), @r#"
    net.toml:4:9: stimulus s, field `times`: an integer cannot stand here; give a list of times
    net.toml:5:15: stimulus s, field `amplitudes`: a text cannot stand here; give a list of currents, or a file: { file = "values.npy", unit = "..." }
    "#);
}

#[test]
fn rows_in_time() {
    let rows = |fields: &str| stimulus(&format!("kind = \"steps\"\n{fields}"));
    assert_snapshot!(rows("amplitudes = [[\"1 pA\", \"2 pA\"], \"3 pA\"]"), @"
    net.toml:4:15: stimulus s, field `amplitudes[0]`: 2 values for 5 neurons; give one for each neuron, or one value a row
    net.toml:4:34: stimulus s, field `amplitudes[1]`: a text cannot stand here; give a list with a value for each neuron, as before
    ");
    assert_snapshot!(rows("amplitudes = [\"1 pA\", [\"2 pA\"]]"), @r#"net.toml:4:23: stimulus s, field `amplitudes[1]`: a list cannot stand here; give a current like "100 pA""#);
    assert_snapshot!(rows("amplitudes = [\"1 pA\"]\nevery = \"0.15 ms\""), @"net.toml:5:10: stimulus s, field `every`: this time is not a multiple of dt = 0.1 ms; the nearest are 0.1 ms and 0.2 ms");
    assert_snapshot!(rows("amplitudes = [\"1 pA\"]\nevery = \"0 ms\""), @"net.toml:5:10: stimulus s, field `every`: a row must hold for a step at least; give dt or a multiple");
    assert_snapshot!(rows("amplitudes = [\"1 pA\"]\nevery = \"1 ms\"\ntimes = [\"0 ms\"]"), @"net.toml:5:10: stimulus s, field `every`: rows that have times of their own need no period; remove `every` or `times`");
    assert_snapshot!(rows("amplitudes = [\"1e39 pA\"]"), @"net.toml:4:16: stimulus s, field `amplitudes[0]`: 1e39 is too large; values must fit a 32-bit float; check the unit");
    assert_snapshot!(rows("amplitudes = {}"), @r#"
    net.toml:4:14: stimulus s, field `amplitudes.file`: this field is missing; give a .npy or .csv file: file = "values.npy"
    net.toml:4:14: stimulus s, field `amplitudes.unit`: this field is missing; give the unit of the numbers: unit = "pA"
    "#);
    assert_snapshot!(rows("amplitudes = { file = \"no.npy\", unit = \"mV\", units = 3 }"), @r#"
    net.toml:4:41: stimulus s, field `amplitudes.unit`: this is a voltage, not a current; give a current like "100 pA"
    net.toml:4:46: stimulus s, field `amplitudes.units`: there is no such field; did you mean `unit`?
    "#);
}

#[test]
fn rates_in_time() {
    let rates =
        |fields: &str| stimulus(&format!("kind = \"poisson\"\nweight = \"1 pA\"\n{fields}"));
    assert_snapshot!(rates("rate = [\"1 Hz\", \"-1 Hz\"]"), @"net.toml:5:18: stimulus s, field `rate[1]`: a rate cannot be negative");
    assert_snapshot!(rates("rate = [\"1 Hz\", \"1e4 kHz\"]"), @"net.toml:5:18: stimulus s, field `rate[1]`: 1000 events are expected per step and neuron; at most 512 are possible: lower the rate, the sources or dt");
    assert_snapshot!(rates("rate = [\"1 Hz\"]\ntimes = []"), @"net.toml:5:8: stimulus s, field `rate`: 0 times but 1 rates; give as many of one as of the other");
    assert_snapshot!(rates("rate = \"1 Hz\"\ntimes = [\"0 ms\"]\nevery = \"1 ms\""), @"
    net.toml:6:9: stimulus s, field `times`: this belongs to values that change in time; remove it, or give a list of values
    net.toml:7:10: stimulus s, field `every`: this belongs to values that change in time; remove it, or give a list of values
    ");
    assert_snapshot!(rates("rate = [[\"1 Hz\"]]"), @"net.toml:5:9: stimulus s, field `rate[0]`: 1 value for 5 neurons; give one for each neuron, or one value a row");
}
