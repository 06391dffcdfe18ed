package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
	"asof/replay/store/source"
)

// TestKindsOfErrors checks the word that a program branches on.
func TestKindsOfErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want fault.Kind
	}{
		{usagef("", "no such flag"), fault.KindUsage},
		{fmt.Errorf("reading: %w", &replay.NotFoundError{Kind: "stream"}), fault.KindNoStream},
		{&replay.NotFoundError{Kind: "event of type"}, fault.KindUnknownType},
		{&replay.NotFoundError{Kind: "invariant"}, fault.KindNotFound},
		{&replay.PointError{}, fault.KindBadPoint},
		{&js.SyntaxError{}, fault.KindBadExpression},
		{&replay.StoreError{Op: "open", Err: fs.ErrNotExist}, fault.KindNoStore},
		{&replay.StoreError{Op: "open", Err: fs.ErrPermission}, fault.KindBadStore},
		{&replay.StoreError{Op: "write", Err: fs.ErrPermission}, fault.KindCantWrite},
		{&replay.StoreError{Op: "open", Err: &source.UnknownDialectError{}}, fault.KindNotAStore},
		{&replay.StoreError{Op: "read", Err: &replay.DuplicateError{}}, fault.KindDuplicate},
		{&replay.FoldError{Err: errors.New("x is not defined")}, fault.KindFoldFailed},
		{&replay.FoldError{Err: &replay.OpaqueError{}}, fault.KindUnread},
		{replay.Fold{Strict: true, Reducer: nameless{}}.UnhandledError(&replay.Event{}, false), fault.KindUnhandled},
		{&outputError{errors.New("full")}, fault.KindCantWrite},
		{&fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, fault.KindBadFile},
		{errors.New("forgotten"), fault.KindBug},
	} {
		if got := fault.KindOf(tt.err); got != tt.want {
			t.Errorf("%T %v: kind %s, want %s", tt.err, tt.err, got, tt.want)
		}
	}
}

type nameless struct{ replay.Reducer }

func (nameless) Name() string { return "" }

// TestKindsAreDocumented holds the README and the help to the list of kinds.
func TestKindsAreDocumented(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "| `kind` | Meaning |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	_, help, _ := strings.Cut(topic("json"), "are the kinds:\n\n")
	help, _, _ = strings.Cut(help, "\n\n")
	var wantTable, wantHelp []string
	for _, k := range fault.Kinds {
		wantTable = append(wantTable, fmt.Sprintf("| `%s` | %s |", k.Kind, k.About))
		wantHelp = append(wantHelp, fmt.Sprintf("  %-17s  %s", k.Kind, k.About))
	}
	if want := strings.Join(wantTable, "\n"); table != want {
		t.Errorf("the README has\n%s\nwant\n%s", table, want)
	}
	if want := strings.Join(wantHelp, "\n"); help != want {
		t.Errorf("asof help json has\n%s\nwant\n%s", help, want)
	}
}
