//! The time constants of traces and the periods of clocked blocks.

use super::values::Reader;
use crate::check::context::{LAST_STEP, nearest_multiples, spell};
use isospike_core::base::steps;
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::Expr;
use isospike_core::describe::synapse::TracesDef;

impl Reader<'_, '_, '_> {
    pub(super) fn taus(&mut self, side: &str, traces: &TracesDef) -> Option<Vec<f64>> {
        let mut all = Vec::new();
        for trace in &traces.traces {
            let path = [side, trace.name.as_str(), "tau"];
            all.push(self.tau(&trace.tau, &path));
        }
        all.into_iter().collect()
    }

    /// Gives a time constant, which is above 0.
    pub(super) fn tau(&mut self, tau: &Expr, path: &[&str]) -> Option<f64> {
        let tau_ms = self.host(tau, path, Dimension::TIME)?;
        if tau_ms > 0.0 {
            return Some(tau_ms);
        }
        let message = format!("the time constant is {} ms", spell(tau_ms));
        self.wrong(path, message, "give a time above 0 ms")
    }

    pub(super) fn periods(&mut self) -> Option<Vec<u32>> {
        let mut all = Vec::new();
        for (n, block) in self.draft.text.model.every.iter().enumerate() {
            let path = [&*format!("every[{n}]"), "period"];
            let period = self.host(&block.period, &path, Dimension::TIME);
            all.push(period.and_then(|period_ms| self.period(&path, period_ms)));
        }
        all.into_iter().collect()
    }

    /// Gives a period in steps.
    pub(super) fn period(&mut self, path: &[&str], period_ms: f64) -> Option<u32> {
        let dt_ms = self.dt_ms;
        let (dt, found) = (spell(dt_ms), spell(period_ms));
        if period_ms <= 0.0 {
            let message = format!("the period is {found} ms");
            return self.wrong(path, message, &format!("give a multiple of dt = {dt} ms above 0"));
        }
        if steps::nearest(period_ms, dt_ms) > f64::from(LAST_STEP) {
            let help = format!("give less than {} ms", spell(f64::from(LAST_STEP) * dt_ms));
            return self.wrong(path, format!("the period is {found} ms"), &help);
        }
        match steps::exact(period_ms, dt_ms) {
            Some(steps) if steps >= 1.0 => Some(steps as u32),
            _ => {
                let message = format!("the period is {found} ms, no multiple of dt = {dt} ms");
                self.wrong(path, message, &nearest_multiples(period_ms, dt_ms, true))
            }
        }
    }
}
