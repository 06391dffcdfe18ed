package render

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"asof/inspect/check"
)

// The elements of a JUnit report, as CI servers read it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		Failure *junitResult `xml:"failure"`
		Error   *junitResult `xml:"error"`
	}
	junitResult struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// IsJUnit reports whether a file that begins with head is what JUnit or DriftJUnit wrote.
func IsJUnit(head []byte) bool {
	return bytes.HasPrefix(head, []byte(xml.Header+`<testsuites name="asof check `)) ||
		bytes.HasPrefix(head, []byte(xml.Header+`<testsuites name="asof drift `))
}

// JUnit writes a check as JUnit XML: a suite for each invariant, in it a case for
// each stream that violates it or could not be judged or read, and one that passes
// for all the others. What is lost is an error. An invariant that was tested in no stream is an error, unless
// that is allowed.
func JUnit(w io.Writer, store string, c *check.Result, allowEmpty bool) error {
	all := junitSuites{Name: "asof check " + Safe(store)}
	for i := range c.Invariants {
		inv := &c.Invariants[i]
		s := junitSuite{Name: Safe(inv.Name), Failures: len(inv.Violations), Errors: len(inv.Errors) + len(inv.Unknown)}
		named := map[string]bool{}
		for _, v := range inv.Violations {
			named[string(v.Stream)] = true
			text := violationText(v)
			if t := v.Culprit.Time; !t.IsZero() {
				text += "\nrecorded at " + t.UTC().Format(time.RFC3339Nano)
			}
			s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: Safe(string(v.Stream)), Failure: &junitResult{
				Message: violationText(v), Type: Safe(v.Culprit.Type), Text: "bad if " + Safe(inv.Text) + "\n" + text,
			}})
		}
		for _, e := range inv.Errors {
			named[string(e.Stream)] = true
			s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: Safe(string(e.Stream)), Error: &junitResult{
				Message: Safe(e.Err.Error()), Type: "error",
			}})
		}
		for _, u := range inv.Unknown {
			named[string(u.Stream)] = true
			s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: Safe(string(u.Stream)), Error: &junitResult{
				Message: string(unknownText(u)), Type: "unread",
			}})
		}
		for _, what := range c.Lost {
			s.Errors++
			s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: "left out", Error: &junitResult{
				Message: "left out of every stream: " + Safe(what), Type: "left_out",
			}})
		}
		if inv.Streams == 0 && !allowEmpty {
			s.Errors++
			s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: "no stream", Error: &junitResult{
				Message: string(noStream(inv)), Type: "empty",
			}})
		}
		if rest := inv.Streams - int64(len(named)); rest > 0 || inv.Streams == 0 && allowEmpty {
			s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: string("holds in " + count(rest, "stream", "streams"))})
		}
		s.Tests = len(s.Cases)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Suites = append(all.Suites, s)
	}
	return writeJUnit(w, &all)
}

func writeJUnit(w io.Writer, all *junitSuites) error {
	if _, err := fmt.Fprint(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// lost names what may be events of any stream.
func lost(c *check.Result) safe {
	if len(c.Lost) == 0 {
		return ""
	}
	return "; left out of every stream: " + clean(strings.Join(c.Lost, ", "))
}
