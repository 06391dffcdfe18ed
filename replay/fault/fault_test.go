package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"testing"
)

type sample struct {
	class  Class
	remedy Remedy
	cause  error
}

func (s *sample) Error() string  { return "sample" }
func (s *sample) Class() Class   { return s.class }
func (s *sample) Remedy() Remedy { return s.remedy }
func (s *sample) Unwrap() error  { return s.cause }

func TestTheOutermostErrorDecides(t *testing.T) {
	inner := &sample{class: NotFound, remedy: Try("look there")}
	for _, tt := range []struct {
		err    error
		class  Class
		remedy string
	}{
		{nil, Bug, ""},
		{errors.New("plain"), Bug, ""},
		{fmt.Errorf("writing: %w", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrExist}), Usage, ""},
		{&os.LinkError{Op: "rename", Err: syscall.EXDEV}, Usage, ""},
		{fmt.Errorf("x: %w", fs.ErrPermission), Usage, ""},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, Store, ""},
		{&sample{class: Fold, cause: &fs.PathError{Err: syscall.ENOSPC}}, Fold, ""},
		{fmt.Errorf("reading: %w", inner), NotFound, "look there"},
		{&sample{class: Store, cause: fmt.Errorf("reading: %w", inner)}, Store, "look there"},
		{&sample{class: Store, remedy: Try("look here"), cause: inner}, Store, "look here"},
		{errors.Join(errors.New("plain"), inner), NotFound, "look there"},
	} {
		if class := ClassOf(tt.err); class != tt.class {
			t.Errorf("%v: class %d, want %d", tt.err, class, tt.class)
		}
		if got := RemedyOf(tt.err); got.Text != tt.remedy {
			t.Errorf("%v: remedy %q, want %q", tt.err, got.Text, tt.remedy)
		}
	}
}

func TestRemediesDoNotShareTheirOptions(t *testing.T) {
	base := Try("choose one").With("dialect")
	a, b := base.With("context", "a"), base.With("context", "b")
	if a.Set[1].Values[0] != "a" || b.Set[1].Values[0] != "b" || len(base.Set) != 1 {
		t.Errorf("%v, %v and %v", base, a, b)
	}
	if !(Remedy{}).IsZero() || base.IsZero() {
		t.Error("a remedy with options is not zero, and one without anything is")
	}
}
