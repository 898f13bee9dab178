use serde::{Deserialize, Serialize};

/// A language that tables are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    English,
    Korean,
}

impl Language {
    /// By its code: `en`, `ko`.
    pub(crate) fn named(code: &str) -> Option<Self> {
        match code {
            "en" => Some(Self::English),
            "ko" => Some(Self::Korean),
            _ => None,
        }
    }
}

/// Names the columns and words of tables, with their text in English and in Korean.
macro_rules! texts {
    ($(#[$of:meta])* $name:ident { $($(#[$item:meta])* $variant:ident: $english:literal, $korean:literal;)* }) => {
        $(#[$of])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($(#[$item])* $variant,)* }

        impl $name {
            /// What a reader sees.
            pub(crate) fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::English) => $english,
                      (Self::$variant, Language::Korean) => $korean,)*
                }
            }
        }
    };
}

texts! {
    /// The title of a column.
    Column {
        Run: "run", "실행";
        Call: "call", "호출";
        Question: "question", "질문";
        TestId: "test id", "테스트 ID";
        Verdict: "verdict", "판정";
        Check: "what was looked at", "확인 항목";
        Limit: "has to be", "기준";
        Seen: "seen", "관측값";
        Holds: "holds", "충족";
        Item: "item", "항목";
        Value: "value", "값";
        Offered: "offered/s", "제공 부하(/s)";
        Achieved: "achieved/s", "실제 처리 요청(/s)";
        Requests: "requests", "요청 수";
        Ok: "2xx", "2xx";
        NotModified: "304", "304";
        Refused: "refused by design", "설계된 거절";
        Failed: "failed", "실패";
        Dropped: "dropped", "버려진 반복";
        P50: "p50 ms", "p50 ms";
        P90: "p90 ms", "p90 ms";
        P95: "p95 ms", "p95 ms";
        P99: "p99 ms", "p99 ms";
        P999: "p99.9 ms", "p99.9 ms";
        Max: "max ms", "최대 ms";
        Objective: "objective", "목표(SLO)";
        Invariant: "invariant", "불변식";
        Says: "what has to hold", "지켜야 하는 것";
        Checked: "looked at", "확인한 수";
        Broken: "broken", "위반";
        Endpoint: "endpoint", "엔드포인트";
        Generator: "generator", "부하 생성기";
        Rate: "holds at/s", "버티는 부하(/s)";
        Process: "process", "프로세스";
        AtFound: "processors at that rate", "그 부하에서 쓴 프로세서";
        Above: "at the rate above", "그 위 부하에서";
        Step: "step", "단계";
        Why: "why not", "이유";
        Median: "median/s", "중앙값(/s)";
        Lowest: "lowest/s", "최저(/s)";
        Highest: "highest/s", "최고(/s)";
        Repeats: "repeats", "반복";
        Bound: "what bound it", "병목";
        Fault: "fault", "장애";
        Began: "began at s", "시작(초)";
        Lasted: "lasted s", "지속(초)";
        Visitors: "what visitors saw", "방문자가 본 것";
        Gap: "longest gap s", "최장 공백(초)";
        Invariants: "invariants", "불변식";
        Figure: "figure", "수치";
        This: "this", "이번";
        Baseline: "baseline", "기준선";
        Ratio: "this ÷ baseline", "이번 ÷ 기준선";
        Times: "times the capacity", "용량 대비 배수";
        InTime: "in time/s", "제시간 응답(/s)";
        Late: "late/s", "지연 응답(/s)";
        ToldToComeBack: "told to come back/s", "재시도 안내(/s)";
        FailedPerSecond: "failed/s", "실패(/s)";
        OfCapacity: "in time, % of capacity", "용량 대비 제시간 %";
        RefusedP99: "refused p99 ms", "거절 p99 ms";
        RefusedP99OfAll: "refused p99 ms, all generators", "거절 p99 ms, 생성기 전체";
        WellAgain: "well again after s", "회복까지(초)";
        AtHalf: "at half time", "중간 시점";
        AtEnd: "at the end", "종료 시점";
        Growth: "growth %", "증가율 %";
        MostBefore: "most until half time", "중간까지 최대";
        MostAfter: "most after it", "그 뒤 최대";
        Rounds: "rounds", "회차";
        CpuPerRequest: "CPU ms a request", "요청당 CPU ms";
    }
}

texts! {
    /// A word in a cell.
    Word {
        Yes: "yes", "예";
        No: "**no**", "**아니오**";
        Kept: "kept", "달성";
        Missed: "**missed**", "**미달**";
        Passed: "passed", "통과";
        Failed: "**failed**", "**실패**";
        NotValid: "**not valid**", "**무효**";
        Hold: "hold", "유지";
        DoNotHold: "**broken**", "**위반**";
        AtLeast: "at least", "최소";
    }
}
