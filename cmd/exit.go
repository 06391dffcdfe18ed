package cmd

import (
	"context"
	"errors"
	"fmt"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
	"asof/replay/project"
)

// The exit codes, a contract listed in the README.
const (
	exitOK          = 0
	exitFindings    = 1
	exitUsage       = 2
	exitStore       = 3
	exitNotFound    = 4
	exitFold        = 5
	exitBug         = 70
	exitInterrupted = 130
)

// findingsError ends a run whose answer has findings, silently with exit code 1.
type findingsError struct{}

func (findingsError) Error() string { return "findings" }

// usageError is an invalid command line.
type usageError struct {
	msg  string
	near []string // similar names, nearest first
	next string
	fix  fault.Remedy // in place of next
}

func (e *usageError) Error() string { return e.msg }

// Class returns [fault.Usage].
func (e *usageError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindUsage].
func (*usageError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next, in terms of the command line.
func (e *usageError) Remedy() fault.Remedy {
	return e.fix.Or(fault.Remedy{Near: e.near, Text: e.next})
}

func usagef(next, format string, a ...any) error {
	return &usageError{msg: fmt.Sprintf(format, a...), next: next}
}

// notJSON is the error of an output that has no JSON form.
func notJSON(what, next string) error { return usagef(next, "%s is not JSON", what) }

// usageNear is [usagef] with the names that may have been meant. Without any, next says
// what to do.
func usageNear(near []string, next, format string, a ...any) error {
	if len(near) > 0 {
		next = ""
	}
	return &usageError{msg: fmt.Sprintf(format, a...), near: near, next: next}
}

// classExit maps the class of a fault to an exit code.
var classExit = map[fault.Class]int{
	fault.Bug: exitBug, fault.Usage: exitUsage, fault.Store: exitStore,
	fault.NotFound: exitNotFound, fault.Fold: exitFold,
}

// exitCode returns the exit code of a run that ended with err.
func exitCode(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &findingsError{}):
		return exitFindings
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return classExit[fault.ClassOf(err)]
}

// sourceOf returns the source line that an error points at, with a caret, or "".
func sourceOf(err error) string {
	var (
		syntax  *js.SyntaxError
		project *project.Error
		failed  *replay.FoldError
		sql     *query.Error
	)
	switch {
	case errors.As(err, &sql):
		return sql.Source()
	case errors.As(err, &failed) && failed.Source != "":
		return failed.Source
	case errors.As(err, &syntax):
		return syntax.SourceLine()
	case errors.As(err, &project):
		return project.Source
	}
	return ""
}
