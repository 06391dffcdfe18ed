package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"asof/replay"
	"asof/replay/store"
)

func TestReadsAgain(t *testing.T) {
	moved := &replay.StoreError{Path: "x.db", Op: "read", Err: fmt.Errorf("%w: twice", store.ErrMoved)}
	tests := []struct {
		name   string
		fails  int
		prints string
		runs   int
		ok     bool
	}{
		{"a store that holds still", 0, "", 1, true},
		{"one that moved once", 1, "", 2, true},
		{"one that never holds still", 9, "", 3, false},
		{"an answer that is half printed", 1, "half an answer", 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			a := &app{ctx: context.Background(), IO: IO{
				Out: &out, Err: &errs, Env: func(string) string { return "" },
				Terminal: func(io.Writer) (int, bool) { return 0, false },
			}}
			a.written = &counter{Writer: a.Out}
			a.Out = a.written
			runs := 0
			c := &cobra.Command{RunE: func(*cobra.Command, []string) error {
				io.WriteString(a.Out, tt.prints)
				if runs++; runs <= tt.fails {
					return moved
				}
				return nil
			}}
			a.readsAgain(c)
			err := c.RunE(c, nil)
			if runs != tt.runs || (err == nil) != tt.ok {
				t.Errorf("ran %d times and ended with %v", runs, err)
			}
			if err != nil && !errors.Is(err, store.ErrMoved) {
				t.Errorf("ended with %v", err)
			}
			if n := strings.Count(errs.String(), "read again"); n != tt.runs-1 {
				t.Errorf("said %d times that it reads again: %s", n, errs.String())
			}
		})
	}
}
