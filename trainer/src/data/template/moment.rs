//! The day and time that templates are given, as Python's `datetime.now()`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A day and a time of it, where the person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment {
    year: i32,
    /// from 1
    month: u32,
    /// from 1
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
}

/// What a rendering takes the time from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The computer's: each conversation is of its own day.
    Running,
    /// One moment for all: a run sees the same tokens on each day that it goes on.
    Stopped(Moment),
}

impl Clock {
    pub fn now(self) -> Moment {
        match self {
            Self::Running => Moment::now(),
            Self::Stopped(moment) => moment,
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// A week of ISO 8601, and the year that it is counted in.
struct IsoWeek {
    year: i32,
    week: i64,
}

impl Moment {
    /// What checkpoints were trained on that do not say it.
    pub const UNRECORDED: Self = Self {
        year: 2024,
        month: 7,
        day: 26,
        hour: 0,
        minute: 0,
        second: 0,
    };

    pub fn now() -> Self {
        let seconds = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let time = libc::time_t::try_from(seconds).unwrap_or(0);
        // SAFETY: a struct of whole numbers and a pointer that is not followed; all zeros are a value of it
        let mut local: libc::tm = unsafe { std::mem::zeroed() };
        // SAFETY: both point to values of this frame, and `localtime_r` keeps neither
        unsafe {
            libc::localtime_r(&time, &mut local);
        }
        let part = |n: libc::c_int| u32::try_from(n).unwrap_or(0);
        Self {
            year: local.tm_year + 1900,
            month: part(local.tm_mon) + 1,
            day: part(local.tm_mday).max(1),
            hour: part(local.tm_hour),
            minute: part(local.tm_min),
            second: part(local.tm_sec),
        }
    }

    /// Days since the first of January 1970.
    fn days(self) -> i64 {
        // years from March, so that the day that leap years add is the last
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// From Sunday, 0.
    fn weekday(self) -> i64 {
        (self.days() + 4).rem_euclid(7)
    }

    /// From 0.
    fn day_of_year(self) -> i64 {
        let first = Self {
            month: 1,
            day: 1,
            ..self
        };
        self.days() - first.days()
    }

    /// Year and week by ISO 8601: weeks begin on Monday, and the first has the year's first Thursday.
    fn iso_week(self) -> IsoWeek {
        let from_monday = (self.weekday() + 6) % 7;
        let thursday = self.day_of_year() - from_monday + 3;
        let length = |year: i32| {
            if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 {
                366
            } else {
                365
            }
        };
        let week = |year, week| IsoWeek { year, week };
        match thursday {
            before if before < 0 => week(self.year - 1, (before + length(self.year - 1)) / 7 + 1),
            after if after >= length(self.year) => week(self.year + 1, 1),
            within => week(self.year, within / 7 + 1),
        }
    }

    /// As Python's `strftime` writes it in English.
    pub fn format(self, format: &str) -> String {
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                // glibc's way to leave leading zeros out
                Some('-') => match chars.next() {
                    Some(c) => {
                        let part = self.part(c);
                        let short = part.trim_start_matches(['0', ' ']);
                        out.push_str(if short.is_empty() && !part.is_empty() {
                            "0"
                        } else {
                            short
                        });
                    }
                    None => out.push_str("%-"),
                },
                Some(c) => out.push_str(&self.part(c)),
                None => out.push('%'),
            }
        }
        out
    }

    fn part(self, c: char) -> String {
        let weekday = self.weekday();
        let short = |name: &'static str| name.get(..3).unwrap_or(name).to_owned();
        let weekday_name = WEEKDAYS[weekday as usize % 7];
        let month_name = MONTHS[(self.month as usize + 11) % 12];
        let hour12 = (self.hour + 11) % 12 + 1;
        let week = |first: i64| (self.day_of_year() + 7 - (weekday + 7 - first) % 7) / 7;
        match c {
            'd' => format!("{:02}", self.day),
            'e' => format!("{:2}", self.day),
            'm' => format!("{:02}", self.month),
            'b' | 'h' => short(month_name),
            'B' => month_name.to_owned(),
            'Y' => self.year.to_string(),
            'y' => format!("{:02}", self.year.rem_euclid(100)),
            'C' => format!("{:02}", self.year.div_euclid(100)),
            'G' => self.iso_week().year.to_string(),
            'g' => format!("{:02}", self.iso_week().year.rem_euclid(100)),
            'V' => format!("{:02}", self.iso_week().week),
            'U' => format!("{:02}", week(0)),
            'W' => format!("{:02}", week(1)),
            'a' => short(weekday_name),
            'A' => weekday_name.to_owned(),
            'w' => weekday.to_string(),
            'u' => ((weekday + 6) % 7 + 1).to_string(),
            'j' => format!("{:03}", self.day_of_year() + 1),
            'H' => format!("{:02}", self.hour),
            'k' => format!("{:2}", self.hour),
            'I' => format!("{hour12:02}"),
            'l' => format!("{hour12:2}"),
            'M' => format!("{:02}", self.minute),
            'S' => format!("{:02}", self.second),
            'f' => "000000".to_owned(),
            'p' => if self.hour < 12 { "AM" } else { "PM" }.to_owned(),
            'P' => if self.hour < 12 { "am" } else { "pm" }.to_owned(),
            'F' => self.format("%Y-%m-%d"),
            'D' | 'x' => self.format("%m/%d/%y"),
            'T' | 'X' => self.format("%H:%M:%S"),
            'R' => self.format("%H:%M"),
            'r' => self.format("%I:%M:%S %p"),
            'c' => self.format("%a %b %e %H:%M:%S %Y"),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            '%' => "%".to_owned(),
            // of a time without a zone
            'z' | 'Z' => String::new(),
            other => format!("%{other}"),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.format("%FT%T"))
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no day and time of the form 2024-07-26T00:00:00");
        let numbers: Result<Vec<u32>, _> = text.split(['-', 'T', ':']).map(str::parse).collect();
        let numbers = numbers.map_err(|_| wrong())?;
        let [year, month, day, hour, minute, second] = numbers[..] else {
            return Err(wrong());
        };
        let moment = Self {
            year: i32::try_from(year).map_err(|_| wrong())?,
            month,
            day,
            hour,
            minute,
            second,
        };
        match (1..=12).contains(&month) && (1..=31).contains(&day) && moment.to_string() == text {
            true => Ok(moment),
            false => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Python's `datetime.strftime` gives.
    #[test]
    fn days_are_written_as_python_writes_them() {
        let all = "%a %A %w %u %d %e %-d %b %B %m %-m %y %Y %G %V %U %W %j %-j %H %I %-I %p %M %S %F %T %D %c %%";
        for (day, wanted) in [
            (
                "2024-07-26T00:00:00",
                "Fri Friday 5 5 26 26 26 Jul July 07 7 24 2024 2024 30 29 30 208 208 00 12 12 AM 00 00 2024-07-26 00:00:00 07/26/24 Fri Jul 26 00:00:00 2024 %",
            ),
            (
                "2026-11-26T13:05:09",
                "Thu Thursday 4 4 26 26 26 Nov November 11 11 26 2026 2026 48 47 47 330 330 13 01 1 PM 05 09 2026-11-26 13:05:09 11/26/26 Thu Nov 26 13:05:09 2026 %",
            ),
            (
                "2024-12-30T23:59:59",
                "Mon Monday 1 1 30 30 30 Dec December 12 12 24 2024 2025 01 52 53 365 365 23 11 11 PM 59 59 2024-12-30 23:59:59 12/30/24 Mon Dec 30 23:59:59 2024 %",
            ),
            (
                "2021-01-03T12:00:00",
                "Sun Sunday 0 7 03  3 3 Jan January 01 1 21 2021 2020 53 01 00 003 3 12 12 12 PM 00 00 2021-01-03 12:00:00 01/03/21 Sun Jan  3 12:00:00 2021 %",
            ),
            (
                "2000-02-29T01:02:03",
                "Tue Tuesday 2 2 29 29 29 Feb February 02 2 00 2000 2000 09 09 09 060 60 01 01 1 AM 02 03 2000-02-29 01:02:03 02/29/00 Tue Feb 29 01:02:03 2000 %",
            ),
            (
                "2027-01-01T00:30:00",
                "Fri Friday 5 5 01  1 1 Jan January 01 1 27 2027 2026 53 00 00 001 1 00 12 12 AM 30 00 2027-01-01 00:30:00 01/01/27 Fri Jan  1 00:30:00 2027 %",
            ),
            (
                "2028-12-31T11:11:11",
                "Sun Sunday 0 7 31 31 31 Dec December 12 12 28 2028 2028 52 53 52 366 366 11 11 11 AM 11 11 2028-12-31 11:11:11 12/31/28 Sun Dec 31 11:11:11 2028 %",
            ),
        ] {
            let moment: Moment = day.parse().expect(day);
            assert_eq!(moment.format(all), wanted);
            assert_eq!(moment.to_string(), day);
        }
        for wrong in [
            "",
            "2024-07-26",
            "2024-13-01T00:00:00",
            "2024-7-26T0:0:0",
            "x-07-26T00:00:00",
        ] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn now_is_the_computers_day() {
        let date = |format: &str| {
            let output = std::process::Command::new("date").arg(format).output().expect("date");
            String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
        };
        // the minute may turn between the two
        let (before, now, after) = (date("+%FT%H:%M"), Moment::now(), date("+%FT%H:%M"));
        let now = now.format("%FT%H:%M");
        assert!(now == before || now == after, "{before} {now} {after}");
    }
}
