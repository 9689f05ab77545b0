//! Tables that fit a width: whole numbers, names shortened in the middle, prose wrapped at spaces;
//! where not all columns fit, the rest follows below with the first column again.

use super::fit::{shorten, shorten_all, width_of, wrap};

/// Spaces between two columns.
const GAP: usize = 2;
/// Names are not made shorter than this, the first of a row not shorter than [`KEY`].
const NAME: usize = 12;
const KEY: usize = 16;
/// Down to this width words give way before the headers of numbers are wrapped.
const SOFT: usize = 20;
/// Longer words of prose do not keep a column wide.
const WORD: usize = 24;

/// The ways to make the cells of a column shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// They are shortened in the middle.
    Name,
    /// They are wrapped at spaces.
    Prose,
    /// They stay whole, at the right.
    Number,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    header: Vec<String>,
    kinds: Vec<Kind>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Returns an empty table with some columns of words and then some of numbers.
    pub fn new<const W: usize, const N: usize>(words: [&str; W], numbers: [&str; N]) -> Self {
        let kind = |i| if i < W { Kind::Name } else { Kind::Number };
        Self {
            header: words.iter().chain(&numbers).map(|text| (*text).to_owned()).collect(),
            kinds: (0..W + N).map(kind).collect(),
            rows: Vec::new(),
        }
    }

    /// The same with this column of words wrapped instead of shortened.
    pub fn prose(mut self, column: usize) -> Self {
        self.kinds[column] = Kind::Prose;
        self
    }

    /// Appends a row.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        let cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        debug_assert_eq!(cells.len(), self.header.len(), "{cells:?}");
        self.rows.push(cells);
    }

    /// Removes a column, where there is one of this name.
    pub fn without(mut self, name: &str) -> Self {
        if let Some(at) = self.header.iter().position(|header| header == name) {
            self.header.remove(at);
            self.kinds.remove(at);
            self.rows.iter_mut().for_each(|row| drop(row.remove(at)));
        }
        self
    }

    /// Returns whether all cells of a column are one of these.
    pub fn says_only(&self, name: &str, cells: &[&str]) -> bool {
        let at = self.header.iter().position(|header| header == name);
        at.is_some_and(|at| self.rows.iter().all(|row| cells.contains(&row[at].as_str())))
    }

    /// Returns whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the lines of the table, none wider than `width` as far as numbers allow.
    pub fn lines(&self, width: usize) -> String {
        let mut text = String::new();
        let mut first = 1;
        while first == 1 || first < self.header.len() {
            let columns = self.fitting(first, width);
            first = columns.last().map_or(first, |last| last.max(&0) + 1).max(first + 1);
            if !text.is_empty() {
                text.push('\n');
            }
            text += &self.block(&columns, width);
        }
        text
    }

    /// The first column and as many from `first` on as fit.
    fn fitting(&self, first: usize, width: usize) -> Vec<usize> {
        let mut columns = vec![0];
        let mut total = self.least(0);
        for column in first..self.header.len() {
            total += GAP + self.least(column);
            // One more column at least: a table with nothing but names says nothing.
            if total > width && columns.len() > 1 {
                break;
            }
            columns.push(column);
        }
        columns
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row[column].as_str())
    }

    /// The width of a column with nothing wrapped or shortened.
    fn natural(&self, column: usize) -> usize {
        self.cells(column).chain([self.header[column].as_str()]).map(width_of).max().unwrap_or(0)
    }

    /// The least width of a column.
    fn least(&self, column: usize) -> usize {
        let header = longest_word(&self.header[column]);
        let cells = self.cells(column);
        let least = match self.kinds[column] {
            Kind::Number => cells.map(width_of).max().unwrap_or(0),
            Kind::Name => {
                let name = if column == 0 { KEY } else { NAME };
                cells.map(width_of).max().unwrap_or(0).min(name)
            }
            Kind::Prose => cells.map(longest_word).max().unwrap_or(0).clamp(NAME, WORD),
        };
        least.max(header).min(self.natural(column))
    }

    /// The widths of these columns: natural ones, and where these do not fit long names give way
    /// first, then headers are wrapped, then the widest column that can give way does so.
    fn widths(&self, columns: &[usize], width: usize) -> Vec<usize> {
        let gaps = GAP * (columns.len() - 1);
        let mut widths: Vec<usize> = columns.iter().map(|&column| self.natural(column)).collect();
        let mut least: Vec<usize> = columns.iter().map(|&column| self.least(column)).collect();
        let soft: Vec<usize> = least.iter().map(|&least| least.max(SOFT)).collect();
        give_way(&mut widths, &soft, width.saturating_sub(gaps));
        for (i, &column) in columns.iter().enumerate() {
            if self.kinds[column] == Kind::Number && total(&widths) + gaps > width {
                widths[i] = least[i];
            }
        }
        // If numbers alone are too wide, the names of the rows give way further.
        if total(&least) + gaps > width {
            least[0] = least[0].min(NAME / 2);
        }
        give_way(&mut widths, &least, width.saturating_sub(gaps));
        widths
    }

    fn block(&self, columns: &[usize], width: usize) -> String {
        let widths = self.widths(columns, width);
        let mut text = String::new();
        let header: Vec<Vec<String>> =
            columns.iter().zip(&widths).map(|(&c, &w)| wrap(&self.header[c], w)).collect();
        self.write(&mut text, columns, &widths, &header);
        let rule = total(&widths) + GAP * (columns.len() - 1);
        text += &"─".repeat(rule);
        text.push('\n');
        let cells: Vec<Vec<Vec<String>>> = columns
            .iter()
            .zip(&widths)
            .map(|(&column, &width)| self.column(column, width))
            .collect();
        for row in 0..self.rows.len() {
            let row: Vec<Vec<String>> = cells.iter().map(|column| column[row].clone()).collect();
            self.write(&mut text, columns, &widths, &row);
        }
        text
    }

    /// The cells of a column in this width, each as its lines.
    fn column(&self, column: usize, width: usize) -> Vec<Vec<String>> {
        match self.kinds[column] {
            Kind::Name => {
                let names: Vec<&str> = self.cells(column).collect();
                shorten_all(&names, width).into_iter().map(|name| vec![name]).collect()
            }
            Kind::Prose => {
                let shorter = |line: String| shorten(&line, width);
                self.cells(column)
                    .map(|cell| wrap(cell, width).into_iter().map(shorter).collect())
                    .collect()
            }
            Kind::Number => self.cells(column).map(|cell| vec![cell.to_owned()]).collect(),
        }
    }

    /// Writes cells of several lines side by side.
    fn write(&self, text: &mut String, columns: &[usize], widths: &[usize], cells: &[Vec<String>]) {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut out = String::new();
            for ((column, width), cell) in columns.iter().zip(widths).zip(cells) {
                let cell = cell.get(line).map_or("", String::as_str);
                let pad = " ".repeat(width.saturating_sub(width_of(cell)));
                match self.kinds[*column] {
                    Kind::Number => out += &(pad + cell),
                    Kind::Name | Kind::Prose => out += &(cell.to_owned() + &pad),
                }
                out += &" ".repeat(GAP);
            }
            text.push_str(out.trim_end());
            text.push('\n');
        }
    }
}

/// Makes the widest column that can give way narrower, until all fit or none can.
fn give_way(widths: &mut [usize], least: &[usize], width: usize) {
    while total(widths) > width {
        let can = (0..widths.len()).filter(|&i| widths[i] > least[i]);
        let Some(widest) = can.max_by_key(|&i| widths[i]) else { break };
        widths[widest] -= 1;
    }
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum()
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(width_of).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["name", "what it is"], ["count of all", "share"]).prose(1);
        table.row(["a", "short", "1", "0.5"]);
        table.row(["excitatory_cells_of_layer_1", "some words to wrap", "123,456", "0.25"]);
        table
    }

    #[test]
    fn a_table_with_room_is_as_wide_as_its_cells() {
        let wanted = "\
name                         what it is          count of all  share
────────────────────────────────────────────────────────────────────
a                            short                          1    0.5
excitatory_cells_of_layer_1  some words to wrap       123,456   0.25
";
        assert_eq!(table().lines(80), wanted);
    }

    #[test]
    fn headers_and_prose_wrap_and_names_are_shortened() {
        let wanted = "\
name              what it is       count  share
                                  of all
───────────────────────────────────────────────
a                 short                1    0.5
excitato…layer_1  some words to  123,456   0.25
                  wrap
";
        assert_eq!(table().lines(47), wanted);
    }

    #[test]
    fn columns_without_room_follow_below() {
        let mut table = Table::new(["name"], ["one", "two", "three"]);
        table.row(["a", "1,111,111", "2,222,222", "3,333,333"]);
        let wanted = "\
name        one        two
──────────────────────────
a     1,111,111  2,222,222

name      three
───────────────
a     3,333,333
";
        assert_eq!(table.lines(30), wanted);
    }

    #[test]
    fn columns_that_say_nothing_can_be_left_out() {
        assert!(!table().says_only("share", &["-"]));
        let left = table().without("share").without("nothing");
        assert!(!left.lines(80).contains("share"));
    }
}
