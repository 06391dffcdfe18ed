package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store"
	"asof/replay/workspace"
)

// newWorkspace returns a workspace in a folder of its own, with one store, and what
// its notices are collected in.
func newWorkspace(t *testing.T) (w *workspace.Workspace, dir string, notices *[]replay.Notice) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, "shop.ndjson", `{"stream":"cart-1","version":1,"type":"Added","data":{"qty":1}}
{"stream":"cart-1","version":2,"type":"Added","data":{"qty":2}}
{"stream":"order-1","version":1,"type":"Placed","data":{"total":5}}
`)
	notices = &[]replay.Notice{}
	h := workspace.Host{Dir: dir, Note: func(n replay.Notice) { *notices = append(*notices, n) }}
	return workspace.New(h, workspace.Options{NoCache: true}), dir, notices
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

var errMoved = &replay.StoreError{Path: "x", Op: "read", Err: fmt.Errorf("%w: again", store.ErrMoved)}

func TestReadStartsOver(t *testing.T) {
	for _, tt := range []struct {
		name        string
		fails, asks int
		err         error
	}{
		{"a store that holds still", 0, 1, nil},
		{"one that moved once", 1, 2, nil},
		{"one that never holds still", 9, 3, store.ErrMoved},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, _, notices := newWorkspace(t)
			asks := 0
			err := w.Read(t.Context(), workspace.StoreRef{Store: "shop.ndjson"}, func(*workspace.Store) error {
				if asks++; asks <= tt.fails {
					return errMoved
				}
				return nil
			})
			if asks != tt.asks || !errors.Is(err, tt.err) {
				t.Errorf("asked %d times, then error %v", asks, err)
			}
			if len(*notices) != tt.asks-1 {
				t.Errorf("noted %v", *notices)
			}
		})
	}
}

func TestStreamStartsOver(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before int // lines before the store moves
		want   string
		err    error
	}{
		{"before a line", 0, "1 2 3", nil},
		{"after a line", 1, "1", store.ErrMoved},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, _, _ := newWorkspace(t)
			asks := 0
			ask := func(*workspace.Store) iter.Seq2[int, error] {
				asks++
				return func(yield func(int, error) bool) {
					for i := range 3 {
						if asks == 1 && i == tt.before {
							yield(0, errMoved)
							return
						}
						if !yield(i+1, nil) {
							return
						}
					}
				}
			}
			var got []string
			var last error
			for one, err := range workspace.Stream(t.Context(), w, workspace.StoreRef{Store: "shop.ndjson"}, ask) {
				if last = err; err == nil {
					got = append(got, fmt.Sprint(one))
				}
			}
			if text := strings.Join(got, " "); text != tt.want || !errors.Is(last, tt.err) {
				t.Errorf("yielded %q, then error %v", text, last)
			}
		})
	}
}

// TestProjectIsReadPerQuestion changes the project file and a script between
// questions.
func TestProjectIsReadPerQuestion(t *testing.T) {
	w, dir, _ := newWorkspace(t)
	ask := func() string {
		var name string
		err := w.Read(t.Context(), workspace.StoreRef{Store: "shop"}, func(s *workspace.Store) error {
			target, err := s.Target(t.Context(), "cart-1", workspace.Folding{})
			if err != nil {
				return err
			}
			defer target.Close()
			head, err := target.Moment(t.Context(), "")
			if err != nil {
				return err
			}
			v, _, err := target.StateAt(t.Context(), head)
			name = fmt.Sprint(target.How.Name, " ", v)
			return err
		})
		if err != nil {
			return err.Error()
		}
		return name
	}
	project := "[stores]\nshop = \"shop.ndjson\"\n[[projection]]\nname = \"NAME\"\ncategory = [\"cart\"]\nfold = \"fold.js\"\n"
	write(t, dir, "fold.js", "(s, e) => ({ n: 1 })")
	write(t, dir, "asof.toml", strings.Replace(project, "NAME", "one", 1))
	first := ask()
	write(t, dir, "fold.js", "(s, e) => ({ n: 2 })")
	write(t, dir, "asof.toml", strings.Replace(project, "NAME", "two", 1))
	if second := ask(); first == second || !strings.HasPrefix(first, "one") || !strings.HasPrefix(second, "two") {
		t.Errorf("the first question is answered %s, the second %s", first, second)
	}
}

// TestNoticesOfQuestion gives each question the notices that are its own.
func TestNoticesOfQuestion(t *testing.T) {
	w, _, notices := newWorkspace(t)
	var mine []replay.Notice
	q := w.Begin(func(n replay.Notice) { mine = append(mine, n) })
	err := q.Read(t.Context(), workspace.StoreRef{Store: "shop.ndjson"}, func(s *workspace.Store) error {
		target, err := s.Target(t.Context(), "cart", workspace.Folding{})
		if err == nil {
			target.NoteGuess()
		}
		return err
	})
	if err != nil || len(mine) != 1 || len(*notices) != 0 {
		t.Errorf("the question has the notices %v, the host %v: %v", mine, *notices, err)
	}
}

// TestFollowReadsAppendedEvents follows a file, and appends to it.
func TestFollowReadsAppendedEvents(t *testing.T) {
	w, dir, _ := newWorkspace(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var got []string
	var last error
	for e, err := range w.Follow(ctx, workspace.StoreRef{Store: "shop.ndjson"}, replay.NoPosition) {
		if last = err; err != nil {
			break
		}
		got = append(got, fmt.Sprint(e.Stream, "@", e.Version))
		switch len(got) {
		case 3:
			f, err := os.OpenFile(filepath.Join(dir, "shop.ndjson"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.WriteString(`{"stream":"order-1","version":2,"type":"Paid","data":{}}` + "\n")
			if err = errors.Join(err, f.Close()); err != nil {
				t.Fatal(err)
			}
		case 4:
			stop()
		}
	}
	want := []string{"cart-1@1", "cart-1@2", "order-1@1", "order-1@2"}
	if !slices.Equal(got, want) || !errors.Is(last, context.Canceled) {
		t.Errorf("followed %v, then error %v", got, last)
	}
}

// TestStuckScriptEndsItsQuestion has a script that does not stop.
func TestStuckScriptEndsItsQuestion(t *testing.T) {
	w, _, _ := newWorkspace(t)
	stuck, blocked := errors.New("it is stuck"), make(chan struct{})
	defer close(blocked)
	hang := func(s *workspace.Store) {
		s.Workspace().ScriptLimits().Stuck(stuck)
		<-blocked
	}
	ref := workspace.StoreRef{Store: "shop.ndjson"}
	err := w.Read(t.Context(), ref, func(s *workspace.Store) error { hang(s); return nil })
	if !errors.Is(err, stuck) {
		t.Errorf("a question ends with %v", err)
	}
	var got []int
	for i, err := range workspace.Stream(t.Context(), w, ref, func(s *workspace.Store) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			if yield(1, nil) {
				hang(s)
			}
		}
	}) {
		if err != nil && !errors.Is(err, stuck) {
			t.Errorf("a list ends with %v", err)
		}
		got = append(got, i)
	}
	if !slices.Equal(got, []int{1, 0}) {
		t.Errorf("the list is %v", got)
	}
}

// TestListClosesWhenReaderStops reads one line of many.
func TestListClosesWhenReaderStops(t *testing.T) {
	w, _, _ := newWorkspace(t)
	ended := false
	for range workspace.Stream(t.Context(), w, workspace.StoreRef{Store: "shop.ndjson"}, func(*workspace.Store) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			defer func() { ended = true }()
			for i := 0; yield(i, nil); i++ {
			}
		}
	}) {
		break
	}
	if !ended {
		t.Error("the line scanner still runs")
	}
}
