package wire

import (
	"asof/inspect/audit"
	"asof/inspect/report"
)

// Reported is the summary of a page about the history of a timeline.
type Reported struct {
	File       string          `json:"file"`
	Bytes      int64           `json:"bytes"`
	Stream     string          `json:"stream"`
	Projection string          `json:"projection"`
	From       Moment          `json:"from"`
	To         Moment          `json:"to"`
	Events     int64           `json:"events"`
	Answers    []ReportFinding `json:"answers"`  // why the state is bad, the most telling first
	Withheld   []string        `json:"withheld"` // paths
	Survivors  []Survivor      `json:"survivors"`
	Account    Account         `json:"account"`
}

// A ReportFinding is an answer to why the state is bad. Invariant is null if a condition
// was asked for.
type ReportFinding struct {
	Invariant *string  `json:"invariant"`
	Bisect    Bisected `json:"bisect"`
}

// NewReported converts the summary of a page in file.
func NewReported(file string, bytes int64, r *report.Report, survived []audit.Survivor) Reported {
	all := Reported{
		File: file, Bytes: bytes, Stream: r.Stream, Projection: r.Projection, From: NewMoment(r.From), To: NewMoment(r.To),
		Events: int64(len(r.Entries)), Answers: make([]ReportFinding, len(r.Findings)), Withheld: texts(r.Withheld),
		Survivors: survivors(survived), Account: NewAccount(r.Account),
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		all.Answers[i] = ReportFinding{Invariant: text(&f.Invariant), Bisect: NewBisected(f.Bisect)}
	}
	return all
}
