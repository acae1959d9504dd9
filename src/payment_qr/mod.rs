//! The code on an invoice that a bank's app reads: who gets the money, how much and what for. Which standard it follows goes by
//! the currency and the account; what it holds is frozen with the invoice.

pub mod epc;
pub mod gost;
pub mod nbu;
pub mod unfit;

use serde::{Deserialize, Serialize};

use self::gost::Charset;
use self::unfit::{Unfit, Why, one_line};
use crate::acts::snapshot::Party;
use crate::db::types::{Day, text_enum};
use crate::error::{FieldError, Flaw};
use crate::identifiers::bank::{iban, swift, tidy_iban};
use crate::identifiers::details::Law;
use crate::identifiers::{neighbours, russia};
use crate::money::vat::VatRate;
use crate::money::{Currency, Money};
use crate::print::qr::{Level, Symbol};
use crate::provider::Bank;
use crate::words::Language;
use crate::words::dates;

text_enum! {
    /// Whose rules a payment code follows.
    PaymentStandard {
        /// Russia: ГОСТ Р 56042-2014.
        Gost = "gost_r_56042_2014",
        /// Ukraine: version 003 of the National Bank's code.
        Nbu = "nbu_003",
        /// SEPA: EPC069-12, version 002.
        Epc = "epc069_12",
    }
}

/// The most bytes of a code in UTF-8 before letters become single bytes: what version 17 holds.
const ROOMY: usize = 504;
/// Where an IBAN may be for a SEPA transfer.
const SEPA: &str = "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE \
                    SI SK SM VA";

/// A payment code as it is frozen with its invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentQr {
    /// Whose rules it follows.
    pub standard: PaymentStandard,
    /// Its bytes, in hexadecimal digits.
    pub payload: String,
    /// The same as text.
    pub text: String,
    /// The least version of the symbol that readers of this standard take.
    pub least_version: i16,
    /// How wide it is on paper, in millimetres, white edge included: half a millimetre a module.
    pub size_mm: usize,
    /// The sign that the standard wants in its middle.
    pub sign: Option<String>,
}

/// What an invoice says, as far as a payment needs it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Who gets the money.
    pub payee: &'a Party,
    /// In which currency.
    pub currency: Currency,
    /// How much.
    pub gross: Money,
    /// How much of it is tax.
    pub vat: Money,
    /// The rate, when all lines have one.
    pub vat_rate: Option<VatRate>,
    /// The invoice's number.
    pub number: &'a str,
    /// Its day.
    pub issued_on: Day,
    /// The numbers of the tickets whose works it is for.
    pub tickets: &'a [i64],
}

impl PaymentQr {
    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        hex::decode(&self.payload).unwrap_or_default()
    }

    /// Its modules. Nothing when no code can hold it.
    pub fn symbol(&self) -> Option<Symbol> {
        Symbol::at_least(&self.bytes(), Level::M, self.least_version)
    }

    /// How its bytes are to be read.
    pub fn charset(&self) -> &'static str {
        if self.payload.starts_with(&hex::encode("ST00011")) { "windows-1251" } else { "utf-8" }
    }
}

/// The payment code of an invoice.
///
/// # Errors
/// Every detail that does not allow one; pointers name what `GET /provider` and the invoice hold.
pub fn of(asked: &Asked<'_>) -> Result<PaymentQr, Vec<FieldError>> {
    let Some(bank) = &asked.payee.bank else {
        return Err(vec![FieldError { pointer: "/provider/bank".to_owned(), flaw: Flaw::Required, params: vec![] }]);
    };
    let account = tidy_iban(&bank.account);
    let country: String = account.chars().take(2).collect();
    let abroad = country.chars().all(|letter| letter.is_ascii_alphabetic());
    let law = Law::of(asked.currency);
    match law {
        Law::Russia if !abroad => sound(bank, law).and_then(|()| russian(asked, bank)),
        Law::Ukraine if !abroad || country == "UA" => sound(bank, law).and_then(|()| ukrainian(asked, &account)),
        Law::Elsewhere if asked.currency == Currency::Eur && SEPA.split_whitespace().any(|known| known == country) => {
            sound(bank, law).and_then(|()| european(asked, bank, &account))
        }
        _ => {
            let params = vec![("currency", asked.currency.to_string())];
            Err(vec![FieldError { pointer: "/provider/bank/account".to_owned(), flaw: Flaw::NoPaymentCode, params }])
        }
    }
}

/// A code that no app would read is worse than none. A key that does not fit its bank is warned of where the account is kept,
/// and printed like the account itself: the directory of banks knows better.
fn sound(bank: &Bank, law: Law) -> Result<(), Vec<FieldError>> {
    let flaws: Vec<FieldError> = bank
        .flaws(law)
        .into_iter()
        .filter(|flaw| !matches!(flaw.flaw, Flaw::WrongAccountKey | Flaw::OtherBank))
        .map(|flaw| FieldError { pointer: format!("/provider{}", flaw.pointer), ..flaw })
        .collect();
    if flaws.is_empty() { Ok(()) } else { Err(flaws) }
}

fn required(pointer: &str) -> Vec<FieldError> {
    vec![FieldError { pointer: format!("/provider{pointer}"), flaw: Flaw::Required, params: vec![] }]
}

fn russian(asked: &Asked<'_>, bank: &Bank) -> Result<PaymentQr, Vec<FieldError>> {
    let bic = bank.bic.as_deref().ok_or_else(|| required("/bank/bic"))?;
    // Units of the Bank of Russia have no correspondent account; others say "0" when they have none.
    let unit = ["000", "001", "002"].iter().any(|end| bic.ends_with(end));
    let correspondent = bank.correspondent_account.as_deref().or(if unit { Some("0") } else { None });
    let correspondent = correspondent.ok_or_else(|| required("/bank/correspondent_account"))?;
    let name = one_line(&asked.payee.legal_name);
    // A bank is known by its code: its name is for people, and may be cut.
    let bank_name: String = one_line(&bank.name).chars().take(45).collect();
    let (sum, day) = (asked.gross.0.to_string(), dates::short(Language::Ru, asked.issued_on));
    let tax = match asked.vat_rate {
        Some(VatRate::NotPayer | VatRate::Exempt | VatRate::ReverseCharge) => ", НДС не облагается".to_owned(),
        Some(rate) => format!(", в т.ч. НДС {rate}% {} руб.", asked.vat),
        None => format!(", в т.ч. НДС {} руб.", asked.vat),
    };
    let works =
        format!(" за работы по {} {}", if asked.tickets.len() == 1 { "заявке" } else { "заявкам" }, listed(asked));
    let purpose = fitted(&format!("Оплата по счёту № {} от {day}", asked.number), &works, &tax, 210);
    let mut fields: Vec<(&'static str, &str)> = vec![
        ("Name", &name),
        ("PersonalAcc", &bank.account),
        ("BankName", &bank_name),
        ("BIC", bic),
        ("CorrespAcc", correspondent),
    ];
    let inn = asked.payee.tax_id.as_deref().filter(|inn| russia::inn(inn).is_ok());
    let kpp = asked.payee.tax_code.as_deref().filter(|kpp| russia::kpp(kpp).is_ok());
    fields.extend(inn.map(|inn| ("PayeeINN", inn)));
    fields.extend(kpp.map(|kpp| ("KPP", kpp)));
    fields.extend([("Sum", sum.as_str()), ("Purpose", &purpose), ("DocNo", asked.number), ("DocDate", &day)]);
    let utf8 = gost::payload(&fields, Charset::Utf8).map_err(|unfit| blamed(&unfit))?;
    // Phones show UTF-8 to people, so it goes first; a code that would grow too fine has a byte a letter, if it has the letters.
    let narrow = if utf8.len() > ROOMY { gost::payload(&fields, Charset::Windows1251).ok() } else { None };
    let text = String::from_utf8_lossy(&utf8).into_owned();
    match narrow {
        Some(bytes) => made(PaymentStandard::Gost, &bytes, text.replacen("ST00012", "ST00011", 1), 1, None),
        None => made(PaymentStandard::Gost, &utf8, text, 1, None),
    }
}

fn ukrainian(asked: &Asked<'_>, account: &str) -> Result<PaymentQr, Vec<FieldError>> {
    let code = asked.payee.tax_id.as_deref().ok_or_else(|| required("/tax_id"))?;
    let known = if code.chars().count() == 10 { neighbours::rnokpp(code) } else { neighbours::edrpou(code) };
    known.map_err(|fault| vec![fault.at("/provider/tax_id")])?;
    let day = dates::short(Language::Uk, asked.issued_on);
    let tax = match asked.vat_rate {
        Some(VatRate::NotPayer | VatRate::Exempt | VatRate::ReverseCharge) => ", без ПДВ".to_owned(),
        Some(rate) => format!(", у т.ч. ПДВ {rate}% {} грн", asked.vat),
        None => format!(", у т.ч. ПДВ {} грн", asked.vat),
    };
    let works =
        format!(" за роботи за {} {}", if asked.tickets.len() == 1 { "заявкою" } else { "заявками" }, listed(asked));
    let purpose = fitted(&format!("Оплата за рахунком № {} від {day}", asked.number), &works, &tax, 200);
    let recipient = one_line(&asked.payee.legal_name);
    let transfer = nbu::Transfer {
        recipient: &recipient,
        account,
        amount: asked.gross.0,
        code,
        reference: asked.number,
        purpose: &purpose,
    };
    let link = nbu::link(&transfer).map_err(|unfit| blamed(&unfit))?;
    // A symbol smaller than version 10 is none of this standard.
    made(PaymentStandard::Nbu, link.as_bytes(), link.clone(), 10, Some("₴"))
}

fn european(asked: &Asked<'_>, bank: &Bank, account: &str) -> Result<PaymentQr, Vec<FieldError>> {
    iban(account).map_err(|fault| vec![fault.at("/provider/bank/account")])?;
    let name = one_line(&asked.payee.legal_name);
    // The alphabet between banks is Latin, whatever the invoice's language is.
    let text = format!("Invoice {} of {}", asked.number, asked.issued_on);
    let transfer = epc::Transfer {
        name: &name,
        iban: account,
        bic: bank.bic.as_deref().filter(|bic| swift(bic).is_ok()),
        amount: asked.gross.0,
        text: Some(&text),
        ..epc::Transfer::default()
    };
    let bytes = epc::payload(&transfer, 1).map_err(|unfit| blamed(&unfit))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    made(PaymentStandard::Epc, &bytes, text, 1, None)
}

/// The tickets' numbers, one after another.
fn listed(asked: &Asked<'_>) -> String {
    asked.tickets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A purpose of so many characters at the most. Number, day and tax stay; what stands between them is cut.
fn fitted(head: &str, middle: &str, tail: &str, most: usize) -> String {
    let count = |text: &str| text.chars().count();
    let room = most.saturating_sub(count(head) + count(tail));
    if count(middle) <= room {
        return format!("{head}{middle}{tail}");
    }
    let kept: String = middle.chars().take(room.saturating_sub(3)).collect();
    // Half a number would name another ticket.
    let whole = kept.rsplit_once(',').map_or("", |(whole, _)| whole);
    if whole.is_empty() { format!("{head}{tail}") } else { format!("{head}{whole}...{tail}") }
}

fn made(
    standard: PaymentStandard,
    bytes: &[u8],
    text: String,
    least_version: i16,
    sign: Option<&str>,
) -> Result<PaymentQr, Vec<FieldError>> {
    let full = || blamed(&Unfit::new("Purpose", Why::TooFull));
    let symbol = Symbol::at_least(bytes, Level::M, least_version).ok_or_else(full)?;
    let size_mm = symbol.full_side().div_ceil(2).max(30);
    let sign = sign.map(str::to_owned);
    Ok(PaymentQr { standard, payload: hex::encode(bytes), text, least_version, size_mm, sign })
}

/// What is to blame, in our own words.
fn blamed(unfit: &Unfit) -> Vec<FieldError> {
    let pointer = match unfit.field {
        "Name" | "recipient" | "name" => "/provider/legal_name",
        "PersonalAcc" | "account" | "iban" => "/provider/bank/account",
        "BankName" => "/provider/bank/name",
        "BIC" | "bic" => "/provider/bank/bic",
        "CorrespAcc" => "/provider/bank/correspondent_account",
        "PayeeINN" | "code" => "/provider/tax_id",
        "KPP" => "/provider/tax_code",
        "Sum" | "amount" => "/gross",
        _ => "/number",
    };
    let (flaw, params) = match &unfit.why {
        Why::Missing => (Flaw::Required, vec![]),
        Why::TooLong(most) => (Flaw::TooLong, vec![("max", most.to_string())]),
        Why::Shape if pointer == "/gross" => {
            (Flaw::OutOfRange, vec![("min", "0.01".to_owned()), ("max", "999999999.99".to_owned())])
        }
        Why::Shape | Why::Characters => (Flaw::NotInPaymentCode, vec![]),
        Why::TooFull => (Flaw::CodeTooFull, vec![]),
    };
    vec![FieldError { pointer: pointer.to_owned(), flaw, params }]
}

#[cfg(test)]
mod tests {
    use super::{Asked, PaymentStandard, fitted, of};
    use crate::acts::snapshot::Party;
    use crate::money::{Currency, Money};

    fn payee(tax_id: &str, bank: &serde_json::Value) -> Party {
        serde_json::from_value(serde_json::json!({
            "legal_name": "ООО \"СЕРВИС-ИТ\"", "tax_id": tax_id, "tax_code": "773601001", "address": null, "phone": null,
            "email": null, "bank": bank, "director": null,
        }))
        .unwrap()
    }

    fn asked(payee: &Party, currency: Currency) -> Asked<'_> {
        Asked {
            payee,
            currency,
            gross: Money(1_219_999),
            vat: Money(220_000),
            vat_rate: Some("22".parse().unwrap()),
            number: "15",
            issued_on: "2026-11-21".parse().unwrap(),
            tickets: &[4521],
        }
    }

    #[test]
    fn each_country_has_a_code_of_its_own() {
        let russian = serde_json::json!({"name": "ПАО СБЕРБАНК", "bic": "044525225", "account": "40702810138250123017",
                                         "correspondent_account": "30101810400000000225"});
        let code = of(&asked(&payee("7707083893", &russian), Currency::Rub)).unwrap();
        assert_eq!(code.standard, PaymentStandard::Gost);
        assert_eq!(
            code.text,
            "ST00012|Name=ООО \"СЕРВИС-ИТ\"|PersonalAcc=40702810138250123017|BankName=ПАО СБЕРБАНК|BIC=044525225|\
             CorrespAcc=30101810400000000225|PayeeINN=7707083893|KPP=773601001|Sum=1219999|Purpose=Оплата по счёту № 15 от \
             21.11.2026 за работы по заявке 4521, в т.ч. НДС 22% 2200.00 руб.|DocNo=15|DocDate=21.11.2026"
        );
        assert_eq!(code.bytes(), code.text.as_bytes());
        let ukrainian = serde_json::json!({"name": "АТ КБ", "account": "UA21 3223 1300 0002 6007 2335 6600 1"});
        let code = of(&asked(&payee("32855961", &ukrainian), Currency::Uah)).unwrap();
        assert_eq!((code.standard, code.least_version, code.sign.as_deref()), (PaymentStandard::Nbu, 10, Some("₴")));
        assert!(code.symbol().unwrap().side >= 57);
        let german =
            serde_json::json!({"name": "Bank", "bic": "COBADEFFXXX", "account": "DE89 3704 0044 0532 0130 00"});
        let code = of(&asked(&payee("DE136695976", &german), Currency::Eur)).unwrap();
        let lines: Vec<&str> = code.text.lines().collect();
        assert_eq!(lines[..5], ["BCD", "002", "1", "SCT", "COBADEFFXXX"]);
        assert_eq!(lines[6..], ["DE89370400440532013000", "EUR12199.99", "", "", "Invoice 15 of 2026-11-21"]);
    }

    #[test]
    fn a_code_that_every_bank_would_refuse_is_not_made() {
        let blamed = |tax_id: &str, bank: serde_json::Value, currency| -> Vec<String> {
            let flaws = of(&asked(&payee(tax_id, &bank), currency)).unwrap_err();
            flaws.into_iter().map(|flaw| format!("{} {}", flaw.pointer, flaw.flaw.as_str())).collect()
        };
        let russian = |account: &str| serde_json::json!({"name": "Банк", "bic": "044525225", "account": account});
        assert_eq!(blamed("1", serde_json::Value::Null, Currency::Rub), ["/provider/bank required"]);
        assert_eq!(blamed("1", russian("4070281013825012301"), Currency::Rub), ["/provider/bank/account wrong_length"]);
        let lacking = ["/provider/bank/correspondent_account required"];
        assert_eq!(blamed("1", russian("40702810138250123017"), Currency::Rub), lacking);
        assert_eq!(
            blamed("1", russian("40702810138250123017"), Currency::Usd),
            ["/provider/bank/account no_payment_code"]
        );
        let ukrainian = serde_json::json!({"name": "АТ", "account": "UA213223130000026007233566001"});
        assert_eq!(blamed("32855960", ukrainian.clone(), Currency::Uah), ["/provider/tax_id wrong_check_digit"]);
        assert_eq!(blamed("1", ukrainian, Currency::Rub), ["/provider/bank/account no_payment_code"]);
    }

    #[test]
    fn only_the_middle_of_a_purpose_is_cut() {
        assert_eq!(fitted("a", " b 1", "c", 6), "a b 1c");
        assert_eq!(fitted("a", " b 1, 22, 333", "c", 14), "a b 1, 22...c");
        assert_eq!(fitted("a", " b 12345678901234", "c", 10), "ac");
    }
}
