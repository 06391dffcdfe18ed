package cmd

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestReadLines reads answers to the end of the input, or to the error that ends
// it: an input that can't be read is not one that has ended.
func TestReadLines(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name string
		in   io.Reader
		want string
		err  string
	}{
		{"empty", strings.NewReader(""), "", ""},
		{"lines", strings.NewReader("g\nb"), "g b ", ""},
		{"broken", io.MultiReader(strings.NewReader("g\n"), iotest.ErrReader(broken)), "g ", "broken"},
		{"long", strings.NewReader("g\n" + strings.Repeat("b", 70_000)), "g ", "too long"},
	} {
		got := ""
		var err error
		for l := range readLines(context.Background(), tt.in) {
			if err = l.err; err == nil {
				got += l.text + " "
			}
		}
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %q, %v, want %q, %q", tt.name, got, err, tt.want, tt.err)
		}
	}
}
