//! From what a request says about paper and printer to what is printed.

use super::media::{MediaKind, RollChoice, SheetChoice};
use super::printers::{self, Printer, PrinterId};
use super::{Offset, USUAL_DPI};
use crate::db::DbConnection;
use crate::error::{Error, Flaw};
use crate::print::press::{Media, Setup};
use crate::print::qr::Level;

/// What a request says about where labels go.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// On this printer.
    pub printer_id: Option<PrinterId>,
    /// Moved by this much, whatever is known of the printer.
    pub offset_mm: Option<Offset>,
    /// With this level of correction.
    pub level: Option<Level>,
}

/// Labels on sheets, from this label of the first sheet on.
///
/// # Errors
/// `validation_failed` for a sheet, a first label or a printer that cannot be.
pub fn on_sheets(
    conn: &mut DbConnection,
    choice: &SheetChoice,
    at: &str,
    start_at: Option<u16>,
    wanted: Wanted,
) -> Result<Setup, Error> {
    let sheet = choice.sheet(at)?;
    let start_at = usize::from(start_at.unwrap_or(1));
    if start_at < 1 || start_at > sheet.count() {
        let bounds = [("min", "1".to_owned()), ("max", sheet.count().to_string())];
        return Err(Error::field_with("/start_at", Flaw::OutOfRange, bounds));
    }
    let printer = printer(conn, wanted.printer_id, MediaKind::Sheet)?;
    let media = Media::Sheet { sheet, start_at };
    Ok(Setup { media, offset_mm: offset(wanted.offset_mm, printer.as_ref()), level: wanted.level })
}

/// Labels on a roll.
///
/// # Errors
/// `validation_failed` for a roll, an offset or a printer that cannot be.
pub fn on_a_roll(
    conn: &mut DbConnection,
    choice: &RollChoice,
    at: &str,
    dpi: Option<u16>,
    wanted: Wanted,
) -> Result<Setup, Error> {
    let (width_mm, height_mm) = choice.size_mm(at)?;
    let printer = printer(conn, wanted.printer_id, MediaKind::Roll)?;
    let dpi = dpi.or_else(|| printer.as_ref().map(Printer::dots)).unwrap_or(USUAL_DPI);
    let offset_mm = offset(wanted.offset_mm, printer.as_ref());
    let most = MediaKind::Roll.most_moved_mm();
    for (name, off) in [("x", offset_mm.0), ("y", offset_mm.1)] {
        if off.abs() > most {
            let pointer = if wanted.offset_mm.is_some() { format!("/offset_mm/{name}") } else { "/printer_id".into() };
            let bounds = [("min", (-most).to_string()), ("max", most.to_string())];
            return Err(Error::field_with(pointer, Flaw::OutOfRange, bounds));
        }
    }
    Ok(Setup { media: Media::Roll { width_mm, height_mm, dpi }, offset_mm, level: wanted.level })
}

fn printer(conn: &mut DbConnection, id: Option<PrinterId>, kind: MediaKind) -> Result<Option<Printer>, Error> {
    let Some(id) = id else { return Ok(None) };
    let printer = printers::load(conn, id)?;
    let printer = printer.ok_or_else(|| Error::field("/printer_id", Flaw::UnknownReference))?;
    if printer.archived_at.is_some() {
        return Err(Error::field("/printer_id", Flaw::Archived));
    }
    if printer.kind != kind {
        return Err(Error::field_with("/printer_id", Flaw::AnotherKind, [("expected", kind.to_string())]));
    }
    Ok(Some(printer))
}

fn offset(asked: Option<Offset>, printer: Option<&Printer>) -> (f32, f32) {
    match (asked, printer) {
        (Some(Offset { x, y }), _) => (x, y),
        (None, Some(printer)) => printer.offset_mm(),
        (None, None) => (0.0, 0.0),
    }
}
