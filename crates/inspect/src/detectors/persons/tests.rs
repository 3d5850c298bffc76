//! Details of people, and words that only look like them.

use super::*;
use crate::registry::Registry;
use crate::text::TextKind;

fn rules(text: &str) -> Vec<String> {
    let found = Registry::new(vec![Box::new(Persons)]).inspect_text(text, TextKind::ToolOutput, None, None);
    found.as_slice().iter().map(|f| format!("{}={}", f.rule, &text[f.span.clone()])).collect()
}

#[test]
fn people() {
    for (text, expected) in [
        ("Hello, my name is Ada King Lovelace and I need help", "person-name=Ada King Lovelace"),
        ("Dear Mrs. Baker, thank you", "person-name=Baker"),
        ("{\"first_name\": \"Olivia\", \"x\": 1}", "person-name=Olivia"),
        ("He lives at 28919 Mill Street, Leeds", "postal-address=28919 Mill Street, Leeds"),
        ("Send it to 12 Analytical Street please", "postal-address=12 Analytical Street"),
        ("Wir wohnen in der Hauptstraße 14 seit Mai", "postal-address=straße 14"),
        ("My zip code is 94110.", "postal-code=94110"),
        ("She was born on 9/20/1968. Her cat too", "date-of-birth=9/20/1968"),
        ("DOB: March 12, 1985", "date-of-birth=March 12, 1985"),
        ("This 74 year old female", "age=74"),
        ("login from 81.94.12.7 failed", "ip-address=81.94.12.7"),
        ("device 3c:22:fb:9a:01:7e joined", "mac-address=3c:22:fb:9a:01:7e"),
        ("client 2a02:908:1b3:6f00::42 sent", "ip-address=2a02:908:1b3:6f00::42"),
        ("MRN: 00482913", "medical-record=00482913"),
        ("passport number is K0293847", "passport-number=K0293847"),
        ("Member ID: XJK4839201", "health-plan=XJK4839201"),
        ("The patient was diagnosed with diabetes", "health-data=diagnosed with diabetes"),
        ("Religion: Buddhist", "belief=Religion: Buddhist"),
        ("the employee, a trade union member since 2019", "union-membership=trade union member since 2019"),
        ("His ethnic origin is Sámi", "ethnic-origin=ethnic origin is Sámi"),
        ("political affiliation: Green Party", "political-opinion=political affiliation: Green Party"),
        ("she said that he is gay", "sex-life=is gay"),
        ("her genetic test showed a variant", "genetic-data=genetic test showed a variant"),
        ("The employee's iris scan is stored", "biometric-data=iris scan is stored"),
        (
            "see https://www.linkedin.com/in/ada-lovelace-1815 for more",
            "profile-page=linkedin.com/in/ada-lovelace-1815",
        ),
    ] {
        assert!(rules(text).iter().any(|rule| rule == expected), "{text}: {:?}", rules(text));
    }
}

#[test]
fn other_words() {
    for text in [
        "The name is required and must be unique.",
        "version 1.2.3.4 of the tool listens on 127.0.0.1:8080 and 192.0.2.7",
        "at 12:30:45 the job began; ratio 3:2",
        "std::net::Ipv6Addr and a::b",
        "The road to success is long, and the street was empty.",
        "Dear customer, dear Sir or Madam",
        "born in the cloud",
        "Set the account number in the form.",
        "The project is three years old.",
        "Race conditions are found by the sanitizer; genetic algorithms converge.",
        "Biometric login can be switched off in the settings.",
        "The union of both sets; a union member function in C++.",
    ] {
        assert!(rules(text).is_empty(), "{text}: {:?}", rules(text));
    }
}
