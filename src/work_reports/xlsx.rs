//! A report as a workbook: numbers that can be added up, moments that can be sorted, and words that are never formulas.

use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use serde::Serialize;

use super::{PersonTime, ReportedLine, ReportedTicket, WorkReport};
use crate::acts::signature::Outcome;
use crate::agreements::coverage::Coverage;
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::money::Money;
use crate::pricing::ItemKind;
use crate::time_entries::TimeKind;
use crate::words::zone::Zone;
use crate::words::{Language, dates, sentences};

/// Characters of a cell: a workbook holds 32,767.
const LONGEST: usize = 32_000;

sentences! {
    tickets { ru: "Заявки", uk: "Заявки", en: "Tickets" }
    time { ru: "Время", uk: "Час", en: "Time" }
    people { ru: "Люди", uk: "Люди", en: "People" }
    works { ru: "Работы", uk: "Роботи", en: "Works" }
    number { ru: "Заявка №", uk: "Заявка №", en: "Ticket" }
    opened { ru: "Открыта", uk: "Відкрито", en: "Opened" }
    done { ru: "Выполнена", uk: "Виконано", en: "Done" }
    status { ru: "Состояние", uk: "Стан", en: "Status" }
    kind { ru: "Вид", uk: "Вид", en: "Kind" }
    subject { ru: "Тема", uk: "Тема", en: "Subject" }
    site { ru: "Объект", uk: "Об’єкт", en: "Site" }
    assignee { ru: "Исполнитель", uk: "Виконавець", en: "Engineer" }
    spent { ru: "Кто и сколько", uk: "Хто і скільки", en: "Who and how long" }
    minutes { ru: "Минут", uk: "Хвилин", en: "Minutes" }
    hours { ru: "Часов", uk: "Годин", en: "Hours" }
    act { ru: "Акт", uk: "Акт", en: "Certificate" }
    outcome { ru: "Решение клиента", uk: "Рішення клієнта", en: "Client’s decision" }
    signed_by { ru: "Подписал(а)", uk: "Підписав(ла)", en: "Signed by" }
    signed_at { ru: "Когда", uk: "Коли", en: "When" }
    amount { ru: "Сверх договора", uk: "Понад договір", en: "Outside the agreement" }
    currency { ru: "Валюта", uk: "Валюта", en: "Currency" }
    person { ru: "Сотрудник", uk: "Працівник", en: "Person" }
    place { ru: "Где", uk: "Де", en: "Where" }
    on_site { ru: "На объекте", uk: "На об’єкті", en: "On site" }
    travel { ru: "В пути", uk: "У дорозі", en: "Travel" }
    remote { ru: "Удалённо", uk: "Віддалено", en: "Remote" }
    count { ru: "Заявок", uk: "Заявок", en: "Tickets" }
    name { ru: "Наименование", uk: "Найменування", en: "Name" }
    quantity { ru: "Количество", uk: "Кількість", en: "Quantity" }
    unit { ru: "Ед.", uk: "Од.", en: "Unit" }
    work { ru: "работа", uk: "робота", en: "work" }
    material { ru: "материал", uk: "матеріал", en: "material" }
    coverage { ru: "По договору", uk: "За договором", en: "By the agreement" }
    covered { ru: "да", uk: "так", en: "yes" }
    extra { ru: "нет", uk: "ні", en: "no" }
    accepted { ru: "принято", uk: "прийнято", en: "accepted" }
    with_remarks { ru: "принято с замечаниями", uk: "прийнято із зауваженнями", en: "accepted with remarks" }
    refused { ru: "отказ", uk: "відмова", en: "refused" }
    total { ru: "Всего", uk: "Усього", en: "Total" }
}

/// The workbook. Work for a thread of its own.
///
/// # Errors
/// When it cannot be written: our fault.
pub fn write(report: &WorkReport, language: Language) -> Result<Vec<u8>, Error> {
    workbook(report, language).map_err(Error::internal)
}

fn workbook(report: &WorkReport, language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = Sheet { say: Words::of(language), language, zone: report.zone, style: Style::new() };
    sheet.tickets(book.add_worksheet(), report)?;
    sheet.time(book.add_worksheet(), report)?;
    sheet.people(book.add_worksheet(), report)?;
    sheet.works(book.add_worksheet(), report)?;
    book.save_to_buffer()
}

struct Style {
    head: Format,
    text: Format,
    /// Words that a spreadsheet would take for a formula if somebody touched their cell.
    quoted: Format,
    moment: Format,
    whole: Format,
    hours: Format,
    quantity: Format,
    money: Format,
    sum: Format,
    sum_whole: Format,
    sum_hours: Format,
    sum_money: Format,
}

impl Style {
    fn new() -> Self {
        let text = Format::new().set_align(FormatAlign::Top).set_text_wrap();
        let number = |shape: &str| Format::new().set_align(FormatAlign::Top).set_num_format(shape);
        let head = Format::new().set_bold().set_text_wrap().set_background_color(Color::RGB(0x00E8_EDF2));
        Self {
            head: head.set_align(FormatAlign::Top),
            quoted: text.clone().set_quote_prefix(),
            text,
            moment: number("yyyy-mm-dd hh:mm"),
            whole: number("0"),
            hours: number("0.00"),
            quantity: number("0.###"),
            money: number("#,##0.00"),
            sum: Format::new().set_bold(),
            sum_whole: number("0").set_bold(),
            sum_hours: number("0.00").set_bold(),
            sum_money: number("#,##0.00").set_bold(),
        }
    }
}

struct Sheet {
    say: Words,
    language: Language,
    zone: Zone,
    style: Style,
}

impl Sheet {
    fn begin(&self, table: &mut Worksheet, name: &str, columns: &[(&str, f64)], rows: usize) -> Result<(), XlsxError> {
        table.set_name(name)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        for (column, (title, width)) in (0_u16..).zip(columns) {
            table.set_column_width(column, *width)?;
            table.write_string_with_format(0, column, *title, &self.style.head)?;
        }
        table.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
        let last = u16::try_from(columns.len()).unwrap_or(1).saturating_sub(1);
        table.autofilter(0, 0, row(rows), last)?;
        Ok(())
    }

    /// Words are words, whatever they begin with.
    fn text(&self, table: &mut Worksheet, row: u32, column: u16, text: &str) -> Result<(), XlsxError> {
        let format = if is_risky(text) { &self.style.quoted } else { &self.style.text };
        let kept: String = text.chars().take(LONGEST).collect();
        table.write_string_with_format(row, column, kept, format)?;
        Ok(())
    }

    fn moment(&self, table: &mut Worksheet, row: u32, column: u16, at: Option<Timestamp>) -> Result<(), XlsxError> {
        let Some(at) = at else { return Ok(()) };
        // The hour that a clock on the wall showed there: a spreadsheet knows no time zones.
        let local = at.utc().with_timezone(&self.zone.0).naive_local();
        let moment = ExcelDateTime::from_timestamp(local.and_utc().timestamp())?;
        table.write_datetime_with_format(row, column, moment, &self.style.moment)?;
        Ok(())
    }

    fn tickets(&self, table: &mut Worksheet, report: &WorkReport) -> Result<(), XlsxError> {
        let say = self.say;
        let columns = [
            (say.number, 10.0),
            (say.opened, 17.0),
            (say.done, 17.0),
            (say.status, 16.0),
            (say.kind, 22.0),
            (say.subject, 40.0),
            (say.site, 26.0),
            (say.assignee, 26.0),
            (say.spent, 40.0),
            (say.minutes, 10.0),
            (say.hours, 10.0),
            (say.act, 18.0),
            (say.outcome, 22.0),
            (say.signed_by, 34.0),
            (say.signed_at, 17.0),
            (say.amount, 16.0),
            (say.currency, 10.0),
        ];
        self.begin(table, say.tickets, &columns, report.tickets.len())?;
        for (at, ticket) in (1_u32..).zip(&report.tickets) {
            self.ticket(table, at, ticket)?;
        }
        let at = row(report.tickets.len()) + 1;
        table.write_string_with_format(at, 0, say.total, &self.style.sum)?;
        table.write_number_with_format(at, 9, number(report.total_minutes), &self.style.sum_whole)?;
        table.write_number_with_format(at, 10, hours(report.total_minutes), &self.style.sum_hours)?;
        for (at, total) in (at..).zip(&report.totals) {
            table.write_number_with_format(at, 15, money(total.total), &self.style.sum_money)?;
            table.write_string_with_format(at, 16, total.currency.to_string(), &self.style.sum)?;
        }
        Ok(())
    }

    fn ticket(&self, table: &mut Worksheet, at: u32, ticket: &ReportedTicket) -> Result<(), XlsxError> {
        let words = |text: &Option<String>| text.clone().unwrap_or_default();
        let act = ticket.act.as_ref().map(|act| match act.version {
            1 => act.number.clone(),
            version => format!("{} (v{version})", act.number),
        });
        let signed_by = match (&ticket.signed_by, &ticket.signed_position) {
            (Some(name), Some(position)) => format!("{name}, {position}"),
            (name, _) => words(name),
        };
        table.write_number_with_format(at, 0, number(ticket.number), &self.style.whole)?;
        self.moment(table, at, 1, Some(ticket.opened_at))?;
        self.moment(table, at, 2, ticket.done_at)?;
        self.text(table, at, 3, &ticket.status.name)?;
        self.text(table, at, 4, &ticket.type_name)?;
        self.text(table, at, 5, &ticket.subject)?;
        self.text(table, at, 6, &words(&ticket.site_name))?;
        self.text(table, at, 7, &words(&ticket.assignee_name))?;
        self.text(table, at, 8, &self.spent(ticket))?;
        table.write_number_with_format(at, 9, number(ticket.minutes), &self.style.whole)?;
        table.write_number_with_format(at, 10, hours(ticket.minutes), &self.style.hours)?;
        self.text(table, at, 11, &words(&act))?;
        self.text(table, at, 12, ticket.outcome.map_or("", |outcome| self.outcome(outcome)))?;
        self.text(table, at, 13, &signed_by)?;
        self.moment(table, at, 14, ticket.signed_at)?;
        if let Some((total, currency)) = ticket.total.zip(ticket.currency) {
            table.write_number_with_format(at, 15, money(total), &self.style.money)?;
            self.text(table, at, 16, &currency.to_string())?;
        }
        Ok(())
    }

    /// "Иванов И.И.: 1 ч 20 мин; Петров П.П.: 15 мин"
    fn spent(&self, ticket: &ReportedTicket) -> String {
        let one = |time: &super::ReportedTime| {
            format!("{}: {} ({})", time.name, dates::minutes(self.language, time.minutes), self.place(time.kind))
        };
        ticket.time.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    const fn place(&self, kind: TimeKind) -> &'static str {
        match kind {
            TimeKind::OnSite => self.say.on_site,
            TimeKind::Travel => self.say.travel,
            TimeKind::Remote => self.say.remote,
        }
    }

    const fn outcome(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Accepted => self.say.accepted,
            Outcome::AcceptedWithRemarks => self.say.with_remarks,
            Outcome::Refused => self.say.refused,
        }
    }

    fn time(&self, table: &mut Worksheet, report: &WorkReport) -> Result<(), XlsxError> {
        let say = self.say;
        let columns =
            [(say.number, 10.0), (say.person, 34.0), (say.place, 16.0), (say.minutes, 10.0), (say.hours, 10.0)];
        let all = report.tickets.iter().flat_map(|ticket| ticket.time.iter().map(move |time| (ticket.number, time)));
        self.begin(table, say.time, &columns, all.clone().count())?;
        for (at, (ticket, time)) in (1_u32..).zip(all) {
            table.write_number_with_format(at, 0, number(ticket), &self.style.whole)?;
            self.text(table, at, 1, &time.name)?;
            self.text(table, at, 2, self.place(time.kind))?;
            table.write_number_with_format(at, 3, number(time.minutes), &self.style.whole)?;
            table.write_number_with_format(at, 4, hours(time.minutes), &self.style.hours)?;
        }
        Ok(())
    }

    fn people(&self, table: &mut Worksheet, report: &WorkReport) -> Result<(), XlsxError> {
        let say = self.say;
        let columns = [
            (say.person, 34.0),
            (say.count, 10.0),
            (say.on_site, 12.0),
            (say.travel, 12.0),
            (say.remote, 12.0),
            (say.minutes, 10.0),
            (say.hours, 10.0),
        ];
        self.begin(table, say.people, &columns, report.people.len())?;
        for (at, person) in (1_u32..).zip(&report.people) {
            let PersonTime { name, tickets, on_site, travel, remote, minutes, .. } = person;
            self.text(table, at, 0, name)?;
            let count = i64::try_from(*tickets).unwrap_or(i64::MAX);
            for (column, value) in (1_u16..).zip([count, *on_site, *travel, *remote, *minutes]) {
                table.write_number_with_format(at, column, number(value), &self.style.whole)?;
            }
            table.write_number_with_format(at, 6, hours(*minutes), &self.style.hours)?;
        }
        Ok(())
    }

    fn works(&self, table: &mut Worksheet, report: &WorkReport) -> Result<(), XlsxError> {
        let say = self.say;
        let columns = [
            (say.number, 10.0),
            (say.kind, 12.0),
            (say.name, 50.0),
            (say.quantity, 12.0),
            (say.unit, 8.0),
            (say.coverage, 14.0),
            (say.amount, 16.0),
            (say.currency, 10.0),
        ];
        let all = report.tickets.iter().flat_map(|ticket| ticket.lines.iter().map(move |line| (ticket, line)));
        self.begin(table, say.works, &columns, all.clone().count())?;
        for (at, (ticket, line)) in (1_u32..).zip(all) {
            let ReportedLine { kind, name, unit, quantity, coverage, amount } = line;
            table.write_number_with_format(at, 0, number(ticket.number), &self.style.whole)?;
            self.text(table, at, 1, if *kind == ItemKind::Work { say.work } else { say.material })?;
            self.text(table, at, 2, name)?;
            table.write_number_with_format(at, 3, number(quantity.0) / 1_000.0, &self.style.quantity)?;
            self.text(table, at, 4, unit)?;
            self.text(table, at, 5, if *coverage == Coverage::Covered { say.covered } else { say.extra })?;
            if let Some((amount, currency)) = amount.zip(ticket.currency) {
                table.write_number_with_format(at, 6, money(amount), &self.style.money)?;
                self.text(table, at, 7, &currency.to_string())?;
            }
        }
        Ok(())
    }
}

/// Whether a spreadsheet would read words as something to compute.
fn is_risky(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

fn row(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX - 1)
}

/// A cell holds a double: exact for whole numbers far beyond those of any company.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "minutes, numbers and kopecks are below 2^53")]
const fn number(value: i64) -> f64 {
    value as f64
}

fn hours(minutes: i64) -> f64 {
    number(minutes) / 60.0
}

fn money(amount: Money) -> f64 {
    number(amount.0) / 100.0
}
