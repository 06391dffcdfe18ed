package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/files"
	"asof/replay/fold/js"
	"asof/replay/project"
	"asof/replay/state"
	"asof/replay/workspace"
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

// findingsError ends a run that answered, and found something: exit 1, in silence.
type findingsError struct{}

func (findingsError) Error() string { return "findings" }

// usageError is a command line that cannot be understood.
type usageError struct {
	msg  string
	next string
}

func (e *usageError) Error() string { return e.msg }

// Hint says what to do next.
func (e *usageError) Hint() string { return e.next }

func usagef(next, format string, a ...any) error {
	return &usageError{msg: fmt.Sprintf(format, a...), next: next}
}

// exitCode says how a run that ended with err exits.
func exitCode(err error) int {
	var (
		usage       *usageError
		question    *workspace.UsageError
		point       *replay.PointError
		syntax      *js.SyntaxError
		project     *project.Error
		unsupported *replay.UnsupportedError
		ambiguous   *replay.AmbiguousError
		notFound    *replay.NotFoundError
		path        *state.PathError
		store       *replay.StoreError
		payload     *replay.PayloadError
		opaque      *replay.OpaqueError
		failed      *replay.FoldError
		output      *outputError
		report      *check.ReportError
		temp        *check.TempFileError
		file        *files.Error
		system      *fs.PathError
		links       *os.LinkError
	)
	is := func(target any) bool { return errors.As(err, target) }
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &findingsError{}):
		return exitFindings
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case is(&payload), is(&opaque): // whatever was to be done with it
		return exitStore
	case is(&failed):
		return exitFold
	case is(&usage), is(&question), is(&report), is(&temp), is(&point), is(&syntax), is(&project), is(&unsupported), is(&ambiguous), is(&output), is(&file):
		return exitUsage
	case is(&notFound), is(&path):
		return exitNotFound
	case is(&store):
		return exitStore
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EIO):
		return exitStore
	case is(&system), is(&links), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return exitUsage // the system refuses a file: what was named is wrong, not asof
	}
	return exitBug
}

// hintOf returns what the error says to do next, or "".
func hintOf(err error) string {
	var path *state.PathError
	if errors.As(err, &path) {
		return nearPath(path)
	}
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// nearPath suggests a path that is there for one that is not.
func nearPath(e *state.PathError) string {
	if near := replay.Near(e.Missing, e.Members, 3); len(near) > 0 {
		for i, key := range near {
			near[i] = string(state.AppendToken([]byte(e.In), key))
		}
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	if len(e.Members) > 0 && len(e.Members) <= 12 {
		return "there are " + strings.Join(e.Members, ", ")
	}
	return ""
}

// sourceOf returns the source line with a caret that an error points at, or "".
func sourceOf(err error) string {
	var (
		syntax  *js.SyntaxError
		project *project.Error
		failed  *replay.FoldError
	)
	switch {
	case errors.As(err, &failed) && failed.Source != "":
		return failed.Source
	case errors.As(err, &syntax):
		return syntax.SourceLine()
	case errors.As(err, &project):
		return project.Source
	}
	return ""
}
