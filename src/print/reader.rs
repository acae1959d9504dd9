//! The language of print forms: XML with a small vocabulary, read into blocks. Every mistake is told with its line.
//!
//! `print-forms/README.md` describes it for those who edit forms.

use roxmltree::Node;

use super::font::Weight;
use super::form::FormError;
use super::markup::{Align, Block, Border, Cell, Inline, On, PLACE, Paragraph, Place, Sheet, Style, Table, Track};
use super::page::{Color, MM};
use super::qr::Level;

/// Reads a document.
///
/// # Errors
/// The first mistake, with its line.
pub fn read(root: Node<'_, '_>, fallback: &Place) -> Result<Sheet, FormError> {
    let reader = Reader { fallback };
    if root.tag_name().name() != "document" {
        return Err(reader.place(root).wrong(format!("<document> is expected, not <{}>", root.tag_name().name())));
    }
    reader.known(root, &["size", "margin", "title", "language", "font-size", "color", "single"])?;
    let style = Style {
        weight: Weight::Regular,
        size: reader.length(root, "font-size")?.unwrap_or(9.0),
        color: reader.color(root, "color")?.unwrap_or(Color::BLACK),
    };
    let size = match root.attribute("size").unwrap_or("A4") {
        "A4" => (210.0 * MM, 297.0 * MM),
        other => match reader.lengths(root, "size", other)?.as_slice() {
            [width, height] if *width > 1.0 && *height > 1.0 => (*width, *height),
            _ => return Err(reader.place(root).wrong("size is A4, or a width and a height such as \"58mm 40mm\"")),
        },
    };
    let margin = match reader.lengths(root, "margin", root.attribute("margin").unwrap_or("15mm"))?.as_slice() {
        [all] => (*all, *all, *all, *all),
        [vertical, horizontal] => (*vertical, *horizontal, *vertical, *horizontal),
        [top, right, bottom, left] => (*top, *right, *bottom, *left),
        _ => return Err(reader.place(root).wrong("margin has one, two or four lengths")),
    };
    let mut sheet = Sheet {
        title: root.attribute("title").unwrap_or_default().to_owned(),
        language: root.attribute("language").unwrap_or_default().to_owned(),
        size,
        margin,
        headers: Vec::new(),
        footer: Vec::new(),
        body: Vec::new(),
        single: reader.flag(root, "single")?,
    };
    for child in reader.elements(root)? {
        match child.tag_name().name() {
            "header" => {
                reader.known(child, &["on"])?;
                let on = match child.attribute("on").unwrap_or("all") {
                    "all" => On::All,
                    "first" => On::First,
                    "rest" => On::Rest,
                    _ => return Err(reader.place(child).wrong("on is all, first or rest")),
                };
                sheet.headers.push((on, reader.blocks(child, style)?));
            }
            "footer" => sheet.footer = reader.blocks(child, style)?,
            "body" => sheet.body = reader.blocks(child, style)?,
            other => return Err(reader.place(child).wrong(format!("<{other}> has no place in <document>"))),
        }
    }
    Ok(sheet)
}

struct Reader<'a> {
    fallback: &'a Place,
}

impl Reader<'_> {
    fn place(&self, node: Node<'_, '_>) -> Place {
        let noted = node.ancestors().find_map(|node| Place::parse(node.attribute(PLACE)?));
        noted.unwrap_or_else(|| self.fallback.clone())
    }

    fn known(&self, node: Node<'_, '_>, names: &[&str]) -> Result<(), FormError> {
        match node.attributes().find(|attribute| attribute.name() != PLACE && !names.contains(&attribute.name())) {
            Some(unknown) => {
                let (tag, name) = (node.tag_name().name(), unknown.name());
                let allowed = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                Err(self.place(node).wrong(format!("<{tag}> has no attribute {name}; it has: {allowed}")))
            }
            None => Ok(()),
        }
    }

    /// The elements within; words have no place between them.
    fn elements<'a, 'input>(&self, node: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>, FormError> {
        let mut elements = Vec::new();
        for child in node.children() {
            if child.is_element() {
                elements.push(child);
            } else if child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty()) {
                let text: String = child.text().unwrap_or_default().trim().chars().take(30).collect();
                return Err(self
                    .place(node)
                    .wrong(format!("\"{text}\" stands in <{}> outside of <p>", node.tag_name().name())));
            }
        }
        Ok(elements)
    }

    fn length(&self, node: Node<'_, '_>, name: &str) -> Result<Option<f32>, FormError> {
        node.attribute(name).map(|text| self.one_length(node, name, text)).transpose()
    }

    fn one_length(&self, node: Node<'_, '_>, name: &str, text: &str) -> Result<f32, FormError> {
        let (number, unit) =
            text.trim().split_at(text.trim().find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.trim().len()));
        let factor = match unit {
            "mm" => Some(MM),
            "pt" => Some(1.0),
            "" if number == "0" => Some(1.0),
            _ => None,
        };
        let length = number.parse::<f32>().ok().zip(factor).map(|(number, factor)| number * factor);
        match length {
            None => Err(self.place(node).wrong(format!("{name}=\"{text}\" is no length such as 5mm or 9pt"))),
            Some(length) if (0.0..=5_000.0).contains(&length) => Ok(length),
            Some(_) => Err(self.place(node).wrong(format!("{name}=\"{text}\" is out of range: 0 to 5000pt"))),
        }
    }

    fn lengths(&self, node: Node<'_, '_>, name: &str, text: &str) -> Result<Vec<f32>, FormError> {
        text.split_whitespace().map(|one| self.one_length(node, name, one)).collect()
    }

    fn tracks(&self, node: Node<'_, '_>) -> Result<Vec<Track>, FormError> {
        let text = node
            .attribute("widths")
            .ok_or_else(|| self.place(node).wrong(format!("<{}> needs widths", node.tag_name().name())))?;
        let track = |one: &str| match one.strip_suffix("fr") {
            Some(share) => share
                .parse::<f32>()
                .ok()
                .filter(|share| (0.01..=1_000.0).contains(share))
                .map(Track::Share)
                .ok_or_else(|| self.place(node).wrong(format!("{one} is no share such as 1fr"))),
            None => self.one_length(node, "widths", one).map(Track::Fixed),
        };
        let tracks: Result<Vec<Track>, FormError> = text.split_whitespace().map(track).collect();
        match tracks? {
            tracks if (1..=30).contains(&tracks.len()) => Ok(tracks),
            _ => Err(self.place(node).wrong("widths has 1 to 30 columns")),
        }
    }

    fn color(&self, node: Node<'_, '_>, name: &str) -> Result<Option<Color>, FormError> {
        let color = |text| {
            Color::parse(text)
                .ok_or_else(|| self.place(node).wrong(format!("{name}=\"{text}\" is no colour such as #1a2b3c")))
        };
        node.attribute(name).map(color).transpose()
    }

    fn flag(&self, node: Node<'_, '_>, name: &str) -> Result<bool, FormError> {
        match node.attribute(name) {
            None | Some("no") => Ok(false),
            Some("yes") => Ok(true),
            Some(other) => Err(self.place(node).wrong(format!("{name} is yes or no, not \"{other}\""))),
        }
    }

    fn align(&self, node: Node<'_, '_>) -> Result<Align, FormError> {
        match node.attribute("align") {
            None | Some("left") => Ok(Align::Left),
            Some("center") => Ok(Align::Center),
            Some("right") => Ok(Align::Right),
            Some(other) => Err(self.place(node).wrong(format!("align is left, center or right, not \"{other}\""))),
        }
    }

    fn count(&self, node: Node<'_, '_>, name: &str) -> Result<Option<usize>, FormError> {
        let count = |text: &str| {
            let count = text.parse().ok().filter(|count| (1..=100).contains(count));
            count.ok_or_else(|| self.place(node).wrong(format!("{name}=\"{text}\" is no number from 1 to 100")))
        };
        node.attribute(name).map(count).transpose()
    }

    fn blocks(&self, node: Node<'_, '_>, style: Style) -> Result<Vec<Block>, FormError> {
        self.elements(node)?.into_iter().map(|child| self.block(child, style)).collect()
    }

    fn block(&self, node: Node<'_, '_>, style: Style) -> Result<Block, FormError> {
        match node.tag_name().name() {
            "p" => self.paragraph(node, style, 1.0 * MM, false),
            "h1" => {
                self.paragraph(node, Style { weight: Weight::Bold, size: style.size * 1.55, ..style }, 2.0 * MM, true)
            }
            "h2" => {
                self.paragraph(node, Style { weight: Weight::Bold, size: style.size * 1.15, ..style }, 1.0 * MM, true)
            }
            "rule" => {
                self.known(node, &["width", "color", "after"])?;
                Ok(Block::Rule {
                    width: self.length(node, "width")?.unwrap_or(0.7),
                    color: self.color(node, "color")?.unwrap_or(style.color),
                    after: self.length(node, "after")?.unwrap_or(2.0 * MM),
                })
            }
            "space" => {
                self.known(node, &["height"])?;
                Ok(Block::Space(self.length(node, "height")?.unwrap_or(3.0 * MM)))
            }
            "columns" => self.columns(node, style),
            "table" => self.table(node, style).map(Block::Table),
            "image" => self.image(node),
            "qr" => self.qr(node),
            "keep" => {
                self.known(node, &[])?;
                self.blocks(node, style).map(Block::Keep)
            }
            "frame" => {
                self.known(node, &["padding", "border", "fill", "after"])?;
                Ok(Block::Frame {
                    padding: self.length(node, "padding")?.unwrap_or(2.0 * MM),
                    border: self.length(node, "border")?.unwrap_or(0.7),
                    fill: self.color(node, "fill")?,
                    after: self.length(node, "after")?.unwrap_or(2.0 * MM),
                    blocks: self.blocks(node, style)?,
                })
            }
            "break" => {
                self.known(node, &[])?;
                Ok(Block::Break)
            }
            "signature" => self.signature(node),
            other => Err(self.place(node).wrong(format!("there is no element <{other}>"))),
        }
    }

    fn columns(&self, node: Node<'_, '_>, style: Style) -> Result<Block, FormError> {
        self.known(node, &["widths", "gap"])?;
        let tracks = self.tracks(node)?;
        let mut columns = Vec::new();
        for child in self.elements(node)? {
            if child.tag_name().name() != "column" {
                return Err(self
                    .place(child)
                    .wrong(format!("<columns> holds <column>, not <{}>", child.tag_name().name())));
            }
            columns.push(self.blocks(child, style)?);
        }
        if columns.len() != tracks.len() {
            return Err(self.place(node).wrong(format!(
                "widths names {} columns, but there are {}",
                tracks.len(),
                columns.len()
            )));
        }
        Ok(Block::Columns { tracks, gap: self.length(node, "gap")?.unwrap_or(4.0 * MM), columns })
    }

    fn table(&self, node: Node<'_, '_>, style: Style) -> Result<Table, FormError> {
        self.known(node, &["widths", "border", "padding", "after", "font-size", "keep-with-next"])?;
        let style = Style { size: self.length(node, "font-size")?.unwrap_or(style.size), ..style };
        let border = match node.attribute("border").unwrap_or("grid") {
            "none" => Border::None,
            "grid" => Border::Grid,
            "rows" => Border::Rows,
            "box" => Border::Box,
            _ => return Err(self.place(node).wrong("border is none, grid, rows or box")),
        };
        let padding = match self.lengths(node, "padding", node.attribute("padding").unwrap_or("0.8mm 1mm"))?.as_slice()
        {
            [all] => (*all, *all),
            [vertical, horizontal] => (*vertical, *horizontal),
            _ => return Err(self.place(node).wrong("padding has one or two lengths")),
        };
        let mut table = Table {
            tracks: self.tracks(node)?,
            head: Vec::new(),
            rows: Vec::new(),
            foot: Vec::new(),
            border,
            padding,
            after: self.length(node, "after")?.unwrap_or(2.0 * MM),
            keep_with_next: self.flag(node, "keep-with-next")?,
            place: self.place(node),
        };
        let columns = table.tracks.len();
        for child in self.elements(node)? {
            match child.tag_name().name() {
                "head" => table.head.extend(self.rows(child, columns, Style { weight: Weight::Bold, ..style })?),
                "foot" => table.foot.extend(self.rows(child, columns, style)?),
                "row" => table.rows.push(self.row(child, columns, style)?),
                other => {
                    return Err(self
                        .place(child)
                        .wrong(format!("<table> holds <head>, <row> and <foot>, not <{other}>")));
                }
            }
        }
        Ok(table)
    }

    fn rows(&self, node: Node<'_, '_>, columns: usize, style: Style) -> Result<Vec<Vec<Cell>>, FormError> {
        let mut rows = Vec::new();
        for child in self.elements(node)? {
            if child.tag_name().name() != "row" {
                return Err(self.place(child).wrong(format!("<row> is expected, not <{}>", child.tag_name().name())));
            }
            rows.push(self.row(child, columns, style)?);
        }
        Ok(rows)
    }

    fn row(&self, node: Node<'_, '_>, columns: usize, style: Style) -> Result<Vec<Cell>, FormError> {
        self.known(node, &["fill", "bold"])?;
        let fill = self.color(node, "fill")?;
        let weight = if self.flag(node, "bold")? { Weight::Bold } else { style.weight };
        let mut cells = Vec::new();
        for child in self.elements(node)? {
            if child.tag_name().name() != "cell" {
                return Err(self.place(child).wrong(format!("<cell> is expected, not <{}>", child.tag_name().name())));
            }
            self.known(child, &["align", "span", "bold", "fill"])?;
            let weight = if self.flag(child, "bold")? { Weight::Bold } else { weight };
            cells.push(Cell {
                blocks: self.cell_blocks(child, Style { weight, ..style })?,
                span: self.count(child, "span")?.unwrap_or(1),
                fill: self.color(child, "fill")?.or(fill),
            });
        }
        let wide: usize = cells.iter().map(|cell| cell.span).sum();
        if wide == columns {
            Ok(cells)
        } else {
            Err(self.place(node).wrong(format!("the row has {wide} columns, the table {columns}")))
        }
    }

    /// A cell holds words, or blocks.
    fn cell_blocks(&self, node: Node<'_, '_>, style: Style) -> Result<Vec<Block>, FormError> {
        const BLOCKS: [&str; 12] =
            ["p", "h1", "h2", "rule", "space", "columns", "table", "image", "qr", "keep", "frame", "signature"];
        if node.children().any(|child| BLOCKS.contains(&child.tag_name().name())) {
            return self.blocks(node, style);
        }
        let paragraph = Paragraph {
            inlines: self.inlines(node, style)?,
            align: self.align(node)?,
            after: 0.0,
            keep_with_next: false,
            max_lines: None,
            min_size: style.size,
            optional: false,
            whole: false,
        };
        Ok(vec![Block::Paragraph(paragraph)])
    }

    fn paragraph(&self, node: Node<'_, '_>, style: Style, after: f32, keep: bool) -> Result<Block, FormError> {
        self.known(
            node,
            &[
                "align",
                "size",
                "color",
                "after",
                "bold",
                "keep-with-next",
                "max-lines",
                "min-size",
                "optional",
                "whole",
            ],
        )?;
        let style = self.styled(node, style)?;
        Ok(Block::Paragraph(Paragraph {
            inlines: self.inlines(node, style)?,
            align: self.align(node)?,
            after: self.length(node, "after")?.unwrap_or(after),
            keep_with_next: keep || self.flag(node, "keep-with-next")?,
            max_lines: self.count(node, "max-lines")?,
            min_size: self.length(node, "min-size")?.unwrap_or(style.size),
            optional: self.flag(node, "optional")?,
            whole: self.flag(node, "whole")?,
        }))
    }

    fn styled(&self, node: Node<'_, '_>, style: Style) -> Result<Style, FormError> {
        let size = self.length(node, "size")?.unwrap_or(style.size);
        if !(2.0..=200.0).contains(&size) {
            return Err(self.place(node).wrong("letters are 2pt to 200pt high"));
        }
        Ok(Style {
            size,
            color: self.color(node, "color")?.unwrap_or(style.color),
            weight: if self.flag(node, "bold")? { Weight::Bold } else { style.weight },
        })
    }

    fn inlines(&self, node: Node<'_, '_>, style: Style) -> Result<Vec<Inline>, FormError> {
        let mut inlines = Vec::new();
        for child in node.children() {
            if child.is_text() {
                inlines.push(Inline::Text(style, child.text().unwrap_or_default().to_owned()));
            } else if child.is_element() {
                match child.tag_name().name() {
                    "b" => {
                        self.known(child, &[])?;
                        inlines.extend(self.inlines(child, Style { weight: Weight::Bold, ..style })?);
                    }
                    "span" => {
                        self.known(child, &["size", "color", "bold"])?;
                        inlines.extend(self.inlines(child, self.styled(child, style)?)?);
                    }
                    "br" => inlines.push(Inline::Break),
                    "page" => inlines.push(Inline::PageNumber(style)),
                    "pages" => inlines.push(Inline::PageCount(style)),
                    other => return Err(self.place(child).wrong(format!("<{other}> has no place within text"))),
                }
            }
        }
        Ok(inlines)
    }

    fn image(&self, node: Node<'_, '_>) -> Result<Block, FormError> {
        self.known(node, &["src", "width", "height", "align", "optional"])?;
        let src = node.attribute("src").ok_or_else(|| self.place(node).wrong("<image> needs src"))?;
        Ok(Block::Image {
            src: src.to_owned(),
            width: self.length(node, "width")?,
            height: self.length(node, "height")?,
            align: self.align(node)?,
            optional: self.flag(node, "optional")?,
            place: self.place(node),
        })
    }

    fn qr(&self, node: Node<'_, '_>) -> Result<Block, FormError> {
        self.known(node, &["data", "hex", "size", "level", "least-version", "sign", "align"])?;
        let level = node.attribute("level").unwrap_or("Q");
        let wrong = |reason: &str| self.place(node).wrong(reason);
        let data = match (node.attribute("data"), node.attribute("hex")) {
            (Some(data), None) => data.as_bytes().to_vec(),
            (None, Some(bytes)) => {
                hex::decode(bytes).map_err(|_| wrong("hex is two hexadecimal digits for each byte"))?
            }
            _ => return Err(wrong("<qr> needs data or hex")),
        };
        let least_version = node.attribute("least-version").unwrap_or("1").parse().ok();
        Ok(Block::Qr {
            data,
            least_version: least_version
                .filter(|version| (1..=40).contains(version))
                .ok_or_else(|| wrong("least-version is a number from 1 to 40"))?,
            sign: node.attribute("sign").filter(|sign| !sign.is_empty()).map(str::to_owned),
            size: self.length(node, "size")?.unwrap_or(25.0 * MM),
            level: Level::parse(level).ok_or_else(|| self.place(node).wrong("level is M, Q or H"))?,
            align: self.align(node)?,
            place: self.place(node),
        })
    }

    fn signature(&self, node: Node<'_, '_>) -> Result<Block, FormError> {
        self.known(node, &["party", "height"])?;
        let party = node.attribute("party").unwrap_or_default();
        if !matches!(party, "provider" | "client" | "witness") {
            return Err(self.place(node).wrong("party is provider, client or witness"));
        }
        Ok(Block::Signature { party: party.to_owned(), height: self.length(node, "height")?.unwrap_or(16.0 * MM) })
    }
}
