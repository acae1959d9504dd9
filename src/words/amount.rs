//! An amount in words, as documents print it: "Двенадцать тысяч сто девяносто девять рублей 99 копеек".

use super::Language;
use super::language::plural;
use crate::money::{Currency, Money};

/// How English says hundreds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum English {
    /// "one hundred one"
    American,
    /// "one hundred and one"
    British,
}

/// A noun's three forms after a number, and its gender.
struct Noun {
    forms: [&'static str; 3],
    feminine: bool,
}

const fn he(forms: [&'static str; 3]) -> Noun {
    Noun { forms, feminine: false }
}

const fn she(forms: [&'static str; 3]) -> Noun {
    Noun { forms, feminine: true }
}

/// The amount in words with its minor units in digits. Capital letter, no comma.
pub fn in_words(language: Language, english: English, currency: Currency, amount: Money) -> String {
    let (major, minor) = nouns(language, currency);
    let minus = if amount.0 < 0 { language.choose("минус ", "мінус ", "minus ") } else { "" };
    let (whole, part) = (amount.0.unsigned_abs() / 100, amount.0.unsigned_abs() % 100);
    let words = match language {
        Language::Ru | Language::Uk => slavic(language, whole, major.feminine),
        Language::En => english_words(english, whole),
    };
    let and = language.choose("", "", "and ");
    let text = format!(
        "{minus}{words} {} {and}{part:02} {}",
        plural(language, whole, major.forms),
        plural(language, part, minor.forms)
    );
    let mut letters = text.trim_end().chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// English as the currency's own country writes it.
pub const fn customary_english(currency: Currency) -> English {
    match currency {
        Currency::Usd => English::American,
        _ => English::British,
    }
}

#[rustfmt::skip]
fn nouns(language: Language, currency: Currency) -> (Noun, Noun) {
    match (language, currency) {
        (Language::Ru, Currency::Rub) => (he(["рубль", "рубля", "рублей"]), she(["копейка", "копейки", "копеек"])),
        (Language::Ru, Currency::Uah) => (she(["гривна", "гривны", "гривен"]), she(["копейка", "копейки", "копеек"])),
        (Language::Ru, Currency::Usd) => (he(["доллар", "доллара", "долларов"]), he(["цент", "цента", "центов"])),
        (Language::Ru, Currency::Eur) => (he(["евро"; 3]), he(["цент", "цента", "центов"])),
        (Language::Ru, Currency::Gbp) => (he(["фунт стерлингов", "фунта стерлингов", "фунтов стерлингов"]), he(["пенс", "пенса", "пенсов"])),
        (Language::Ru, Currency::Kzt) => (he(["тенге"; 3]), he(["тиын", "тиына", "тиынов"])),
        (Language::Ru, Currency::Byn) => (he(["белорусский рубль", "белорусских рубля", "белорусских рублей"]), she(["копейка", "копейки", "копеек"])),
        (Language::Ru, Currency::Pln) => (he(["злотый", "злотых", "злотых"]), he(["грош", "гроша", "грошей"])),
        (Language::Uk, Currency::Uah) => (she(["гривня", "гривні", "гривень"]), she(["копійка", "копійки", "копійок"])),
        (Language::Uk, Currency::Rub) => (he(["рубль", "рублі", "рублів"]), she(["копійка", "копійки", "копійок"])),
        (Language::Uk, Currency::Usd) => (he(["долар", "долари", "доларів"]), he(["цент", "центи", "центів"])),
        (Language::Uk, Currency::Eur) => (he(["євро"; 3]), he(["цент", "центи", "центів"])),
        (Language::Uk, Currency::Gbp) => (he(["фунт стерлінгів", "фунти стерлінгів", "фунтів стерлінгів"]), he(["пенс", "пенси", "пенсів"])),
        (Language::Uk, Currency::Kzt) => (he(["теньге"; 3]), he(["тиїн", "тиїни", "тиїнів"])),
        (Language::Uk, Currency::Byn) => (he(["білоруський рубль", "білоруські рублі", "білоруських рублів"]), she(["копійка", "копійки", "копійок"])),
        (Language::Uk, Currency::Pln) => (he(["злотий", "злоті", "злотих"]), he(["грош", "гроші", "грошів"])),
        (Language::En, Currency::Rub) => (he(["rouble", "roubles", "roubles"]), he(["kopeck", "kopecks", "kopecks"])),
        (Language::En, Currency::Uah) => (he(["hryvnia", "hryvnias", "hryvnias"]), he(["kopiyka", "kopiykas", "kopiykas"])),
        (Language::En, Currency::Usd) => (he(["dollar", "dollars", "dollars"]), he(["cent", "cents", "cents"])),
        (Language::En, Currency::Eur) => (he(["euro", "euros", "euros"]), he(["cent", "cents", "cents"])),
        (Language::En, Currency::Gbp) => (he(["pound", "pounds", "pounds"]), he(["penny", "pence", "pence"])),
        (Language::En, Currency::Kzt) => (he(["tenge"; 3]), he(["tiyn"; 3])),
        (Language::En, Currency::Byn) => (he(["Belarusian rouble", "Belarusian roubles", "Belarusian roubles"]), he(["kopeck", "kopecks", "kopecks"])),
        (Language::En, Currency::Pln) => (he(["zloty", "zlotys", "zlotys"]), he(["grosz", "groszy", "groszy"])),
        (Language::Ru, Currency::Czk) => (she(["чешская крона", "чешские кроны", "чешских крон"]), he(["геллер", "геллера", "геллеров"])),
        (Language::Ru, Currency::Gel) => (he(["лари"; 3]), he(["тетри"; 3])),
        (Language::Ru, Currency::Amd) => (he(["драм", "драма", "драмов"]), she(["лума", "лумы", "лум"])),
        (Language::Ru, Currency::Azn) => (he(["азербайджанский манат", "азербайджанских маната", "азербайджанских манатов"]), he(["гяпик", "гяпика", "гяпиков"])),
        (Language::Ru, Currency::Kgs) => (he(["киргизский сом", "киргизских сома", "киргизских сомов"]), he(["тыйын", "тыйына", "тыйынов"])),
        (Language::Ru, Currency::Uzs) => (he(["узбекский сум", "узбекских сума", "узбекских сумов"]), he(["тийин", "тийина", "тийинов"])),
        (Language::Ru, Currency::Mdl) => (he(["молдавский лей", "молдавских лея", "молдавских леев"]), he(["бан", "бана", "банов"])),
        (Language::Ru, Currency::Try) => (she(["турецкая лира", "турецкие лиры", "турецких лир"]), he(["куруш", "куруша", "курушей"])),
        (Language::Ru, Currency::Chf) => (he(["швейцарский франк", "швейцарских франка", "швейцарских франков"]), he(["сантим", "сантима", "сантимов"])),
        (Language::Uk, Currency::Czk) => (she(["чеська крона", "чеські крони", "чеських крон"]), he(["гелер", "гелери", "гелерів"])),
        (Language::Uk, Currency::Gel) => (he(["ларі"; 3]), he(["тетрі"; 3])),
        (Language::Uk, Currency::Amd) => (he(["драм", "драми", "драмів"]), she(["лума", "луми", "лум"])),
        (Language::Uk, Currency::Azn) => (he(["азербайджанський манат", "азербайджанські манати", "азербайджанських манатів"]), he(["гяпик", "гяпики", "гяпиків"])),
        (Language::Uk, Currency::Kgs) => (he(["киргизький сом", "киргизькі соми", "киргизьких сомів"]), he(["тийин", "тийини", "тийинів"])),
        (Language::Uk, Currency::Uzs) => (he(["узбецький сум", "узбецькі суми", "узбецьких сумів"]), he(["тийин", "тийини", "тийинів"])),
        (Language::Uk, Currency::Mdl) => (he(["молдовський лей", "молдовські леї", "молдовських леїв"]), he(["бан", "бани", "банів"])),
        (Language::Uk, Currency::Try) => (she(["турецька ліра", "турецькі ліри", "турецьких лір"]), he(["куруш", "куруші", "курушів"])),
        (Language::Uk, Currency::Chf) => (he(["швейцарський франк", "швейцарські франки", "швейцарських франків"]), he(["сантим", "сантими", "сантимів"])),
        (Language::En, Currency::Czk) => (he(["Czech koruna", "Czech korunas", "Czech korunas"]), he(["haler", "halers", "halers"])),
        (Language::En, Currency::Gel) => (he(["lari"; 3]), he(["tetri"; 3])),
        (Language::En, Currency::Amd) => (he(["dram", "drams", "drams"]), he(["luma", "lumas", "lumas"])),
        (Language::En, Currency::Azn) => (he(["manat", "manats", "manats"]), he(["qapik", "qapiks", "qapiks"])),
        (Language::En, Currency::Kgs) => (he(["Kyrgyz som", "Kyrgyz soms", "Kyrgyz soms"]), he(["tyiyn"; 3])),
        (Language::En, Currency::Uzs) => (he(["Uzbek sum", "Uzbek sums", "Uzbek sums"]), he(["tiyin"; 3])),
        (Language::En, Currency::Mdl) => (he(["Moldovan leu", "Moldovan lei", "Moldovan lei"]), he(["ban", "bani", "bani"])),
        (Language::En, Currency::Try) => (he(["Turkish lira", "Turkish liras", "Turkish liras"]), he(["kurus"; 3])),
        (Language::En, Currency::Chf) => (he(["Swiss franc", "Swiss francs", "Swiss francs"]), he(["centime", "centimes", "centimes"])),
    }
}

/// The words of one alphabet's numbers.
struct Numerals {
    zero: &'static str,
    hundreds: [&'static str; 9],
    tens: [&'static str; 8],
    teens: [&'static str; 10],
    ones: [&'static str; 9],
    one_she: &'static str,
    two_she: &'static str,
    scales: [[&'static str; 3]; 5],
}

const RU: Numerals = Numerals {
    zero: "ноль",
    hundreds: ["сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"],
    tens: ["двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"],
    teens: [
        "десять",
        "одиннадцать",
        "двенадцать",
        "тринадцать",
        "четырнадцать",
        "пятнадцать",
        "шестнадцать",
        "семнадцать",
        "восемнадцать",
        "девятнадцать",
    ],
    ones: ["один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"],
    one_she: "одна",
    two_she: "две",
    scales: [
        ["тысяча", "тысячи", "тысяч"],
        ["миллион", "миллиона", "миллионов"],
        ["миллиард", "миллиарда", "миллиардов"],
        ["триллион", "триллиона", "триллионов"],
        ["квадриллион", "квадриллиона", "квадриллионов"],
    ],
};

const UK: Numerals = Numerals {
    zero: "нуль",
    hundreds: ["сто", "двісті", "триста", "чотириста", "п'ятсот", "шістсот", "сімсот", "вісімсот", "дев'ятсот"],
    tens: ["двадцять", "тридцять", "сорок", "п'ятдесят", "шістдесят", "сімдесят", "вісімдесят", "дев'яносто"],
    teens: [
        "десять",
        "одинадцять",
        "дванадцять",
        "тринадцять",
        "чотирнадцять",
        "п'ятнадцять",
        "шістнадцять",
        "сімнадцять",
        "вісімнадцять",
        "дев'ятнадцять",
    ],
    ones: ["один", "два", "три", "чотири", "п'ять", "шість", "сім", "вісім", "дев'ять"],
    one_she: "одна",
    two_she: "дві",
    scales: [
        ["тисяча", "тисячі", "тисяч"],
        ["мільйон", "мільйони", "мільйонів"],
        ["мільярд", "мільярди", "мільярдів"],
        ["трильйон", "трильйони", "трильйонів"],
        ["квадрильйон", "квадрильйони", "квадрильйонів"],
    ],
};

/// Cardinals of Russian and Ukrainian. The last triple takes the currency's gender; thousands are always feminine.
fn slavic(language: Language, number: u64, feminine: bool) -> String {
    let numerals = language.choose(&RU, &UK, &RU);
    if number == 0 {
        return numerals.zero.to_owned();
    }
    let mut words = Vec::new();
    for scale in (0..6).rev() {
        let triple = number / 1_000_u64.pow(scale) % 1_000;
        if triple == 0 {
            continue;
        }
        slavic_triple(numerals, triple, if scale == 0 { feminine } else { scale == 1 }, &mut words);
        let forms = usize::try_from(scale).ok().and_then(|scale| numerals.scales.get(scale.checked_sub(1)?));
        words.extend(forms.map(|forms| plural(language, triple, *forms)));
    }
    words.join(" ")
}

fn slavic_triple(numerals: &Numerals, triple: u64, feminine: bool, words: &mut Vec<&'static str>) {
    words.extend(nth(&numerals.hundreds, triple / 100, 1));
    let rest = triple % 100;
    if (10..20).contains(&rest) {
        words.extend(nth(&numerals.teens, rest, 10));
        return;
    }
    words.extend(nth(&numerals.tens, rest / 10, 2));
    words.extend(match (rest % 10, feminine) {
        (1, true) => Some(numerals.one_she),
        (2, true) => Some(numerals.two_she),
        (digit, _) => nth(&numerals.ones, digit, 1),
    });
}

/// The word for `number` in a list that begins with the word for `first`.
fn nth(words: &[&'static str], number: u64, first: u64) -> Option<&'static str> {
    words.get(usize::try_from(number.checked_sub(first)?).ok()?).copied()
}

const EN_ONES: [&str; 19] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const EN_TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const EN_SCALES: [&str; 5] = ["thousand", "million", "billion", "trillion", "quadrillion"];

fn english_words(style: English, number: u64) -> String {
    if number == 0 {
        return "zero".to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    for scale in (0..6).rev() {
        let triple = number / 1_000_u64.pow(scale) % 1_000;
        if triple == 0 {
            continue;
        }
        let (hundreds, rest) = (triple / 100, triple % 100);
        if let Some(hundreds) = nth(&EN_ONES, hundreds, 1) {
            words.push(format!("{hundreds} hundred"));
        }
        // British English says "and" before the tens, also after whole thousands: "one thousand and one".
        let joined = hundreds > 0 || (scale == 0 && !words.is_empty());
        if rest > 0 && joined && style == English::British {
            words.push("and".to_owned());
        }
        if rest < 20 {
            words.extend(nth(&EN_ONES, rest, 1).map(str::to_owned));
        } else if let Some(tens) = nth(&EN_TENS, rest / 10, 2) {
            words.push(nth(&EN_ONES, rest % 10, 1).map_or_else(|| tens.to_owned(), |one| format!("{tens}-{one}")));
        }
        words.extend(nth(&EN_SCALES, u64::from(scale), 1).map(str::to_owned));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{English, in_words};
    use crate::money::{Currency, Money};
    use crate::words::Language;

    #[derive(serde::Deserialize)]
    struct Vectors {
        documents: BTreeMap<String, Vec<(String, String)>>,
    }

    #[test]
    fn every_vector_of_the_documents_holds() {
        let vectors: Vectors = serde_json::from_str(include_str!("../../tests/vectors/amount_in_words.json")).unwrap();
        assert!(vectors.documents.len() > 10);
        for (pair, amounts) in vectors.documents {
            let (language, currency) = pair.split_once('/').unwrap();
            let (currency, style) = currency.split_once('_').unwrap_or((currency, "gb"));
            let language: Language = language.parse().unwrap();
            let style = if style == "us" { English::American } else { English::British };
            let currency: Currency = currency.parse().unwrap();
            for (amount, words) in amounts {
                let money: Money = amount.trim_start_matches('-').parse().unwrap();
                let money = if amount.starts_with('-') { Money(-money.0) } else { money };
                assert_eq!(in_words(language, style, currency, money), words, "{pair} {amount}");
            }
        }
    }

    #[test]
    fn every_currency_has_words_of_its_own_and_its_gender() {
        for language in Language::ALL {
            for currency in Currency::ALL {
                let words = in_words(*language, English::British, *currency, Money(2_002_101));
                assert!(!words.contains(currency.as_str()), "{words}");
            }
        }
        let said = |language, currency, amount| in_words(language, English::British, currency, Money(amount));
        assert_eq!(said(Language::Ru, Currency::Try, 2_102), "Двадцать одна турецкая лира 02 куруша");
        assert_eq!(said(Language::Ru, Currency::Uah, 200_000_000), "Два миллиона гривен 00 копеек");
        assert_eq!(said(Language::Uk, Currency::Czk, 102_201), "Одна тисяча двадцять дві чеські крони 01 гелер");
        assert_eq!(said(Language::Uk, Currency::Chf, 0), "Нуль швейцарських франків 00 сантимів");
        assert_eq!(said(Language::En, Currency::Mdl, 101), "One Moldovan leu and 01 ban");
        assert_eq!(said(Language::Ru, Currency::Kzt, -1), "Минус ноль тенге 01 тиын");
    }

    #[test]
    fn the_largest_and_the_negative_are_said_too() {
        let said = |language, amount| in_words(language, English::British, Currency::Rub, Money(amount));
        assert_eq!(said(Language::Ru, -250), "Минус два рубля 50 копеек");
        assert!(said(Language::Uk, i64::MAX).starts_with("Дев'яносто два квадрильйони"));
        assert!(said(Language::En, i64::MIN).starts_with("Minus ninety-two quadrillion"));
    }
}
