//! A drawing as a list of paths and texts in points. Both files are made from it: SVG holds the
//! paths as they are, PNG has their pixels.

use super::font::Font;
use super::pixels::Pixels;
use std::fmt::Write as _;
use std::path::Path;

/// The font; SVG viewers take their own if they lack it.
const FONT: &str = "DejaVu Sans";

/// A colour.
pub type Color = (u8, u8, u8);

/// Text and axes.
pub const INK: Color = (45, 49, 58);
/// Lesser text.
pub const GREY: Color = (122, 128, 140);
/// Shaded areas.
pub const SHADE: Color = (246, 247, 249);
/// Grid lines.
pub const FAINT: Color = (228, 231, 237);

/// Colours of populations, distinct also for those who see fewer of them.
const PALETTE: [Color; 8] = [
    (38, 98, 173),
    (213, 80, 52),
    (23, 146, 130),
    (204, 138, 20),
    (122, 88, 178),
    (196, 76, 134),
    (92, 138, 44),
    (84, 104, 128),
];

/// The colour of a population.
pub const fn color(population: usize) -> Color {
    PALETTE[population % PALETTE.len()]
}

/// The position of a text in relation to its point: horizontally.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// It starts there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// A text, vertically centred on its point.
pub struct Text {
    /// The text.
    pub text: String,
    /// Its point.
    pub at: (f64, f64),
    /// The height of its letters.
    pub size: f64,
    /// Its colour.
    pub color: Color,
    /// Its position.
    pub anchor: Anchor,
    /// Bold.
    pub bold: bool,
}

impl Text {
    /// A text that is not bold.
    pub fn new(
        text: impl Into<String>,
        at: (f64, f64),
        size: f64,
        color: Color,
        anchor: Anchor,
    ) -> Self {
        Self { text: text.into(), at, size, color, anchor, bold: false }
    }

    /// The same in bold.
    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
}

/// How a path is drawn.
#[derive(Clone, Copy)]
pub enum Paint {
    /// Its inside.
    Fill {
        /// 1 hides what is below.
        opacity: f64,
    },
    /// A line along it, in points.
    Stroke {
        /// Its width.
        width: f64,
    },
}

enum Shape {
    /// The data of a path as in SVG.
    Path {
        data: String,
        color: Color,
        paint: Paint,
    },
    Text(Text),
}

/// Shapes on a white page.
pub struct Drawing {
    size: (f64, f64),
    shapes: Vec<Shape>,
}

impl Drawing {
    /// An empty page.
    pub fn new(width: f64, height: f64) -> Self {
        Self { size: (width, height), shapes: Vec::new() }
    }

    /// A line through points.
    pub fn line(&mut self, points: Vec<(f64, f64)>, color: Color, width: f64) {
        self.path(path(&points), color, Paint::Stroke { width });
    }

    /// A filled polygon.
    pub fn fill(&mut self, points: Vec<(f64, f64)>, color: Color, opacity: f64) {
        self.path(path(&points) + "Z", color, Paint::Fill { opacity });
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, corner: (f64, f64), size: (f64, f64), color: Color) {
        let (x, y, width, height) =
            (short(corner.0), short(corner.1), short(size.0), short(size.1));
        let data = format!("M{x} {y}h{width}v{height}h{}Z", -width);
        self.path(data, color, Paint::Fill { opacity: 1.0 });
    }

    /// Many small rectangles of one size, each centred on its point: short strokes of one path,
    /// which take a tenth of the bytes of as many circles.
    pub fn dots(&mut self, at: Vec<(f64, f64)>, size: (f64, f64), color: Color) {
        let mut data = String::new();
        for (x, y) in at {
            let _ = write!(data, "M{} {}h{}", short(x - size.0 / 2.0), short(y), size.0);
        }
        self.path(data, color, Paint::Stroke { width: size.1 });
    }

    /// A text.
    pub fn text(&mut self, text: Text) {
        self.shapes.push(Shape::Text(text));
    }

    fn path(&mut self, data: String, color: Color, paint: Paint) {
        self.shapes.push(Shape::Path { data, color, paint });
    }

    /// The drawing as SVG.
    pub fn svg(&self) -> String {
        let (w, h) = self.size;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" font-family=\"{FONT}, Verdana, sans-serif\">\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n"
        );
        for shape in &self.shapes {
            svg_shape(&mut svg, shape);
        }
        svg += "</svg>\n";
        svg
    }

    /// Writes the drawing as PNG.
    pub fn png(&self, path: &Path) -> Result<(), String> {
        self.pixels()?.write(path).map_err(|error| error.to_string())
    }

    fn pixels(&self) -> Result<Pixels, String> {
        let [regular, bold] = Font::both().map_err(|error| error.to_string())?;
        let mut pixels = Pixels::new(self.size);
        for shape in &self.shapes {
            match shape {
                Shape::Path { data, color, paint } => pixels.path(data, *color, *paint),
                Shape::Text(text) => {
                    let font = if text.bold { &bold } else { &regular };
                    pixels.path(&font.path(text), text.color, Paint::Fill { opacity: 1.0 });
                }
            }
        }
        Ok(pixels)
    }
}

impl Text {
    /// The point that its line of letters stands on. Capitals are about 0.73 of the size high: half
    /// of that centres them.
    pub fn base(&self) -> (f64, f64) {
        (self.at.0, self.at.1 + 0.36 * self.size)
    }
}

fn hex((r, g, b): Color) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// `M1.5 2L3 4`, to a hundredth of a point.
fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = write!(path, "{}{} {}", if i == 0 { 'M' } else { 'L' }, short(*x), short(*y));
    }
    path
}

fn short(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

fn svg_shape(svg: &mut String, shape: &Shape) {
    let _ = match shape {
        Shape::Path { data, color, paint } => {
            let color = hex(*color);
            let paint = match paint {
                Paint::Fill { opacity: 1.0 } => format!("fill=\"{color}\""),
                Paint::Fill { opacity } => format!("fill=\"{color}\" fill-opacity=\"{opacity}\""),
                Paint::Stroke { width } => {
                    format!("fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"")
                }
            };
            writeln!(svg, "<path d=\"{data}\" {paint}/>")
        }
        Shape::Text(text) => {
            let anchor = match text.anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let weight = if text.bold { " font-weight=\"bold\"" } else { "" };
            let (x, y) = text.base();
            writeln!(
                svg,
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\" \
                 text-anchor=\"{anchor}\"{weight}>{}</text>",
                short(x),
                short(y),
                text.size,
                hex(text.color),
                escape(&text.text)
            )
        }
    };
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::pixels::SCALE;

    #[test]
    fn text_is_escaped_and_dots_are_one_path() {
        let mut drawing = Drawing::new(100.0, 50.0);
        drawing.text(Text::new("a < b", (1.0, 2.0), 10.0, INK, Anchor::End));
        drawing.dots(vec![(1.0, 1.0), (2.25, 3.0)], (1.0, 1.0), GREY);
        let svg = drawing.svg();
        assert!(svg.contains("a &lt; b"), "{svg}");
        assert!(svg.contains("M0.5 1h1M1.75 3h1"), "{svg}");
        assert_eq!(svg.matches("<path").count(), 1);
    }

    #[test]
    fn a_thick_line_goes_where_its_points_are() {
        // Flat, up at once and flat again, as a trace does at a spike; points in pixels.
        let corners = [(10, 150), (99, 150), (100, 148), (100, 20), (101, 18), (190, 18)];
        let points = corners.map(|(x, y)| (f64::from(x) / SCALE, f64::from(y) / SCALE));
        let (width, height) = (200, 200);
        let mut drawing = Drawing::new(width as f64 / SCALE, height as f64 / SCALE);
        drawing.line(points.into(), INK, 1.2);
        let bytes = drawing.pixels().unwrap().rgb;
        let inked = |x: usize, y: usize| bytes[(y * width + x) * 3] < 200;
        for y in 20..148 {
            assert!(inked(100, y) || inked(99, y), "a gap at {y}");
        }
        assert!((155..200).chain(0..14).all(|y| !(0..width).any(|x| inked(x, y))), "it overshoots");
    }

    #[test]
    fn letters_are_drawn_without_system_fonts() {
        let path = std::env::temp_dir().join(format!("isospike_text_{}.png", std::process::id()));
        let size = |text: &str| {
            let mut drawing = Drawing::new(200.0, 40.0);
            drawing.text(Text::new(text, (10.0, 20.0), 14.0, INK, Anchor::Start).bold());
            drawing.png(&path).unwrap();
            std::fs::read(&path).unwrap().len()
        };
        let (empty, full) = (size(" "), size("Rate in Hz"));
        std::fs::remove_file(&path).unwrap();
        // A blank page compresses to almost nothing.
        assert!(full > 2 * empty, "{empty} {full}");
    }
}
