package check

import (
	"errors"
	"strings"
	"testing"
)

func TestReadReportsRejects(t *testing.T) {
	for in, says := range map[string]string{
		"":                       "it is empty",
		"   \n":                  "it is empty",
		"null":                   "it is not an object",
		"[]":                     "it is not an object",
		"{}":                     `it has no "streams"`,
		`{"streams":1}`:          `it has no "streams"`,
		`{"streams":1,"events":`: "it is truncated",
		`{"streams":"1","events":1,"invariants":[]}`:                                                               "its field streams has the wrong type",
		`{"streams":1,"events":1,"invariants":[],"shard":"3/2"}`:                                                   "a shard is I/N",
		`{"streams":1,"events":1,"invariants":[{"name":"x","violations":[{"stream":"a"}]}]}`:                       `violation of "x" has no culprit`,
		`{"streams":1,"events":1,"invariants":[]} trailing`:                                                        "it is not JSON",
		`{"streams":1,"events":1,"invariants":[{"violations":[{"culprit":{"time":"yesterday"}}]}]}`:                "parsing time",
		`{"streams":1,"events":1,"invariants":[{"violations":[{"culprit":{"version":99999999999999999999999}}]}]}`: "has the wrong type",
		`{"streams":1,"events":1,"invariants":[],"next":[["rm","-r","."]]}`:                                        "a command of another program",
		`{"streams":1,"events":1,"invariants":[],"next":[[]]}`:                                                     "a command of another program",
	} {
		_, err := ReadReports("file", strings.NewReader(in))
		var re *ReportError
		if !errors.As(err, &re) || !strings.Contains(err.Error(), says) || re.Next.Text == "" {
			t.Errorf("%s: %v, want %s", in, err, says)
		}
	}
	if _, err := Merge(nil); err == nil {
		t.Error("no reports are merged")
	}
}

func FuzzReadReports(f *testing.F) {
	f.Add(`{"at":{"version":3,"position":3,"time":"2026-03-01T00:00:00Z"},"shard":"1/2","streams":1,"events":2,"invariants":[
		{"name":"n","predicate":"p","streams":1,"violations":[{"stream":"a","culprit":{"version":1,"position":null},"recovered_at":{"version":null}}],
		"errors":[{"stream":"b","message":"m"}]}]}`)
	f.Add(`{"streams":1,"events":1,"invariants":null}`)
	f.Fuzz(func(t *testing.T, in string) {
		reports, err := ReadReports("", strings.NewReader(in))
		if err != nil {
			return
		}
		merged, err := Merge(reports)
		if err != nil {
			return
		}
		if want := len(reports[0].Invariants); len(merged.Invariants) != want {
			t.Errorf("%d invariants, want %d", len(merged.Invariants), want)
		}
		merged.Findings()
	})
}
