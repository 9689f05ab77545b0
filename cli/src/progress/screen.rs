//! The display of the phases of a command: a bar on a terminal, a line now and then elsewhere.
//!
//! Phases come from anywhere ([`isospike_core::base::progress`]); a thread of its own draws them,
//! so that a phase that does not get on is seen to last.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use isospike_core::base::console::note;
use isospike_core::base::progress::{Observer, observe};
use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a bar is drawn.
const TICK: Duration = Duration::from_millis(100);

/// A phase that is over sooner than this is not shown.
const SHOWN_AFTER: Duration = Duration::from_millis(400);

/// Without a terminal, when a phase is first reported, and how often then.
const FIRST_LINE: Duration = Duration::from_secs(5);
const NEXT_LINE: Duration = Duration::from_secs(10);

static SCREEN: Screen = Screen {
    shown: Mutex::new(Shown {
        manner: Manner::Nothing,
        label: String::new(),
        phase: None,
        since: None,
    }),
    done: AtomicU64::new(0),
    is_held: AtomicBool::new(false),
};

/// Shows phases from now on, unless `quiet`. Programs that read JSON get no lines, people who
/// redirect it see the bar.
pub fn start(label: &str, quiet: bool, json: bool) {
    let terminal = stderr().is_terminal();
    if quiet || json && !terminal {
        return;
    }
    let mut shown = SCREEN.shown();
    shown.manner = if terminal { Manner::Bar(None) } else { Manner::Lines };
    label.clone_into(&mut shown.label);
    // Without the thread nothing is shown, and the command works.
    let ticker = std::thread::Builder::new().name("progress".into());
    let _ = ticker.spawn(|| {
        loop {
            std::thread::sleep(TICK);
            SCREEN.shown().tick(SCREEN.done.load(Ordering::Relaxed), Instant::now());
        }
    });
    observe(&SCREEN);
}

/// Sets the word before the bar.
pub fn label(label: &str) {
    label.clone_into(&mut SCREEN.shown().label);
}

/// Takes the bar away until the next phase begins: before anything else is printed.
pub fn clear() {
    SCREEN.shown().clear();
}

/// Begins a phase of which `done` of `total` units lie behind. Until [`release`] no other begins.
pub fn hold(phase: &str, done: u64, total: u64) {
    let mut shown = SCREEN.shown();
    SCREEN.is_held.store(true, Ordering::Relaxed);
    SCREEN.done.store(done, Ordering::Relaxed);
    shown.begin(phase, done, total);
}

/// Sets how much of the phase that is held is done, and the words for it.
pub fn set(done: u64, words: String) {
    let mut shown = SCREEN.shown();
    SCREEN.done.store(done, Ordering::Relaxed);
    if let Some(phase) = &mut shown.phase {
        phase.words = Some(words);
    }
}

/// Sets the words for the phase that is held.
pub fn describe(words: &str) {
    if let Some(phase) = &mut SCREEN.shown().phase {
        phase.words = Some(words.to_owned());
    }
}

/// Lets other phases begin.
pub fn release() {
    SCREEN.is_held.store(false, Ordering::Relaxed);
}

/// Prints a line above the bar, on a terminal only.
pub fn say(line: &str) {
    let is_terminal = matches!(SCREEN.shown().manner, Manner::Bar(_));
    if is_terminal {
        aside(|| note(line));
    }
}

/// Calls what prints on standard error, with the bar out of its way.
pub fn aside(print: impl FnOnce()) {
    match &SCREEN.shown().manner {
        Manner::Bar(Some(bar)) => bar.suspend(print),
        _ => print(),
    }
}

struct Screen {
    shown: Mutex<Shown>,
    done: AtomicU64,
    /// Whether other phases are kept from beginning and from getting on.
    is_held: AtomicBool,
}

impl Screen {
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Screen {
    fn begin(&self, phase: &str, total: u64) {
        let mut shown = self.shown();
        if !self.is_held.load(Ordering::Relaxed) {
            self.done.store(0, Ordering::Relaxed);
            shown.begin(phase, 0, total);
        }
    }

    fn advance(&self, units: u64) {
        if !self.is_held.load(Ordering::Relaxed) {
            self.done.fetch_add(units, Ordering::Relaxed);
        }
    }
}

/// How phases are shown.
enum Manner {
    /// Not at all.
    Nothing,
    /// By a bar, once there is something to see.
    Bar(Option<ProgressBar>),
    /// By lines.
    Lines,
}

struct Shown {
    manner: Manner,
    label: String,
    phase: Option<Phase>,
    /// When the first phase began after nothing was shown.
    since: Option<Instant>,
}

impl Shown {
    fn begin(&mut self, name: &str, first: u64, total: u64) {
        let start = Instant::now();
        self.since.get_or_insert(start);
        let (name, words) = (name.to_owned(), None);
        self.phase = Some(Phase { name, first, total, start, told: None, words });
    }

    fn clear(&mut self) {
        (self.phase, self.since) = (None, None);
        if let Manner::Bar(bar) = &mut self.manner
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }

    fn tick(&mut self, done: u64, now: Instant) {
        let Self { manner, label, phase: Some(phase), since: Some(since), .. } = self else {
            return;
        };
        match manner {
            Manner::Bar(None) if now.duration_since(*since) < SHOWN_AFTER => {}
            Manner::Bar(bar) => draw(bar.get_or_insert_with(new_bar), label, phase, done, now),
            Manner::Lines if phase.is_due(now) => {
                phase.told = Some(now);
                note(format!("{label}: {}", phase.line(done, now)));
            }
            Manner::Lines | Manner::Nothing => {}
        }
    }
}

/// A phase that is shown.
struct Phase {
    name: String,
    /// Units that were done before it began, and all.
    first: u64,
    total: u64,
    start: Instant,
    /// When a line was last written.
    told: Option<Instant>,
    /// The text in place of the name.
    words: Option<String>,
}

impl Phase {
    /// Whether it is time for a line.
    fn is_due(&self, now: Instant) -> bool {
        match self.told {
            None => now.duration_since(self.start) >= FIRST_LINE,
            Some(told) => now.duration_since(told) >= NEXT_LINE,
        }
    }

    /// Name, how far it is, and how long it will take or has taken.
    fn line(&self, done: u64, now: Instant) -> String {
        match (self.percent(done), self.text(done, now)) {
            (Some(percent), text) => format!("{percent} %, {text}"),
            (None, text) => text,
        }
    }

    /// How many hundredths are done; `None` where that is unknown.
    fn percent(&self, done: u64) -> Option<u64> {
        let percent = |done: u64| u128::from(done) * 100 / u128::from(self.total.max(1));
        // Below 100.
        (self.total > 0).then(|| percent(done.min(self.total)) as u64)
    }

    /// Name or words, and the time.
    fn text(&self, done: u64, now: Instant) -> String {
        let name = self.words.as_ref().unwrap_or(&self.name);
        let age = now.duration_since(self.start);
        let (here, left) = (done.saturating_sub(self.first), self.total.saturating_sub(done));
        if self.total == 0 {
            return format!("{name}, {}", time(age));
        }
        if here == 0 || age < Duration::from_secs(1) {
            return name.clone();
        }
        let left = age.mul_f64((left as f64 / here as f64).min(1e9));
        format!("{name}, {} left", time(left))
    }
}

fn time(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds @ 100..6000 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{} h", (seconds + 1800) / 3600),
    }
}

fn new_bar() -> ProgressBar {
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr())
}

/// Draws a phase; what is longer than the terminal is wide is cut.
fn draw(bar: &ProgressBar, label: &str, phase: &Phase, done: u64, now: Instant) {
    let template = match phase.percent(done) {
        Some(_) => "{prefix:>12} {bar:24.cyan/dim} {percent:>3} %  {wide_msg}",
        None => "{prefix:>12} {spinner:.cyan} {wide_msg}",
    };
    // The templates are constants; were one wrong, the default style would do.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━━─"));
    }
    bar.set_length(phase.total);
    bar.set_position(done.min(phase.total));
    bar.set_prefix(label.to_owned());
    bar.set_message(phase.text(done, now));
    bar.tick();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(first: u64, total: u64) -> (Phase, Instant) {
        let start = Instant::now();
        let name = "drawing synapses".to_owned();
        (Phase { name, first, total, start, told: None, words: None }, start)
    }

    #[test]
    fn a_line_says_what_and_how_far_and_how_long() {
        let (mut drawing, start) = phase(0, 400);
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(drawing.line(0, after(3)), "0 %, drawing synapses");
        assert_eq!(drawing.line(100, after(12)), "25 %, drawing synapses, 36 s left");
        assert_eq!(drawing.line(1, after(12)), "0 %, drawing synapses, 80 min left");
        assert_eq!(drawing.line(500, after(12)), "100 %, drawing synapses, 0 s left");
        drawing.words = Some("0.1 s at 2.00 x real time".into());
        assert_eq!(drawing.line(200, after(7)), "50 %, 0.1 s at 2.00 x real time, 7 s left");
        let (unknown, _) = phase(0, 0);
        assert_eq!(
            unknown.line(7, unknown.start + Duration::from_secs(4)),
            "drawing synapses, 4 s"
        );
        // Work that was done before says nothing of the speed.
        let (resumed, start) = phase(300, 400);
        let line = resumed.line(350, start + Duration::from_secs(9));
        assert_eq!(line, "87 %, drawing synapses, 9 s left");
    }

    #[test]
    fn lines_come_for_long_phases_and_seldom() {
        let (mut phase, start) = phase(0, 400);
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!([0, 4, 5].map(|s| phase.is_due(after(s))), [false, false, true]);
        phase.told = Some(after(5));
        assert_eq!([6, 14, 15].map(|s| phase.is_due(after(s))), [false, false, true]);
    }

    #[test]
    fn a_phase_that_is_held_is_not_replaced() {
        let screen = Screen {
            shown: Mutex::new(Shown {
                manner: Manner::Nothing,
                label: String::new(),
                phase: None,
                since: None,
            }),
            done: AtomicU64::new(0),
            is_held: AtomicBool::new(false),
        };
        let name = || screen.shown().phase.as_ref().map(|phase| phase.name.clone());
        screen.begin("building", 10);
        screen.advance(3);
        screen.begin("uploading", 4);
        assert_eq!(
            (name().as_deref(), screen.done.load(Ordering::Relaxed)),
            (Some("uploading"), 0)
        );
        screen.is_held.store(true, Ordering::Relaxed);
        screen.begin("compiling", 4);
        screen.advance(2);
        assert_eq!(
            (name().as_deref(), screen.done.load(Ordering::Relaxed)),
            (Some("uploading"), 0)
        );
    }
}
