package query

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/fault"
)

// An Error is a statement that cannot be answered.
type Error struct {
	SQL    string
	Offset int // bytes of SQL before the fault; below zero: unknown
	Msg    string
	Next   string   // what to do
	Near   []string // names that may be meant
	Fixed  string   // the statement with the first of them; empty: unknown
}

// Incomplete reports whether the statement lacks its end.
func (e *Error) Incomplete() bool { return e.Msg == "incomplete input" }

// meant sets the names that may be meant by one.
func (e *Error) meant(wrong string, near []string) {
	if e.Near = near; len(near) > 0 {
		e.Fixed = renamed(e.SQL, wrong, near[0])
	}
}

func (e *Error) Error() string { return e.Msg }

// Source is the line of the fault, with a caret below it; empty if it is unknown.
func (e *Error) Source() string {
	if e.Offset < 0 || e.Offset > len(e.SQL) || e.SQL == "" {
		return ""
	}
	begin := strings.LastIndexByte(e.SQL[:e.Offset], '\n') + 1
	line, _, _ := strings.Cut(e.SQL[begin:], "\n")
	before := min(e.Offset-begin, len(line))
	const most = 60 // of the line on each side
	if before > most {
		cut := before - most
		for !utf8.RuneStart(line[cut]) {
			cut++
		}
		line, before = line[cut:], before-cut
	}
	pad := utf8.RuneCountInString(line[:before])
	return replay.Printable(line, pad+most) + "\n" + strings.Repeat(" ", pad) + "^"
}

// Class returns fault.Usage.
func (*Error) Class() fault.Class { return fault.Usage }

// Fault returns fault.KindBadExpression.
func (*Error) Fault() fault.Kind { return fault.KindBadExpression }

// Remedy returns what to do next.
func (e *Error) Remedy() fault.Remedy {
	r := fault.Try(e.Next)
	r.Near = e.Near
	if e.Fixed != "" && e.Fixed != e.SQL {
		r.For, r.Instead = e.SQL, e.Fixed
	}
	return r
}

// A SchemaError is a statement that asks which tables and columns there are, in the way
// of another program.
type SchemaError struct{}

func (*SchemaError) Error() string { return "the tables have no catalog to select from" }

// Class returns fault.Usage.
func (*SchemaError) Class() fault.Class { return fault.Usage }

// Fault returns fault.KindBadExpression.
func (*SchemaError) Fault() fault.Kind { return fault.KindBadExpression }

// Remedy returns what to do next.
func (*SchemaError) Remedy() fault.Remedy {
	return fault.Try("list the tables with their columns").With("tables")
}

// schemaWords begin statements that list tables in other programs.
var schemaWords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)^\s*(\.(tables|schema|dbinfo|indexes)\b|\\d|show\s|desc(ribe)?\s|pragma\s+(main\.)?(table_|database_list|function_list|index_))`)
})

// asksSchema reports whether a statement asks which tables and columns there are.
func asksSchema(sql string) bool {
	if schemaWords().MatchString(sql) {
		return true
	}
	for t := range tokensOf(sql) {
		switch strings.ToLower(t.name()) {
		case "sqlite_master", "sqlite_schema", "sqlite_temp_master", "information_schema", "pg_catalog":
			return true
		}
	}
	return false
}

// A CaseError is two members of a state whose names differ in case alone.
type CaseError struct{ Column, Member string }

func (e *CaseError) Error() string {
	return "a state has " + e.Member + " and no " + e.Column + ", which SQL treats as one name"
}

// Class returns fault.Usage.
func (*CaseError) Class() fault.Class { return fault.Usage }

// Fault returns fault.KindUsage.
func (*CaseError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next.
func (e *CaseError) Remedy() fault.Remedy {
	return fault.Try("write member(state, '/" + e.Member + "')")
}

// A SizeError is a question that would keep too much in memory.
type SizeError struct{ Most int }

func (e *SizeError) Error() string { return "the question needs too much memory" }

// Class returns fault.Usage.
func (*SizeError) Class() fault.Class { return fault.Usage }

// Fault returns fault.KindUnsupported.
func (*SizeError) Fault() fault.Kind { return fault.KindUnsupported }

// Remedy returns what to do next.
func (*SizeError) Remedy() fault.Remedy {
	return fault.Try("name a stream or a category in WHERE, or select fewer columns")
}

var _ sqlite.Authorizer = readOnly{}
