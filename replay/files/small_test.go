package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSmall(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, size int64) {
		t.Helper()
		if err := os.WriteFile(at(name), []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(at(name), size); err != nil { // sparse: no disk is filled
			t.Fatal(err)
		}
	}
	write("small", 4)
	write("just", 1<<10)
	write("over", 1<<10+1)
	write("huge", 5<<30)
	for from, to := range map[string]string{"link": "small", "loop": "loop", "dangling": "gone"} {
		if err := os.Symlink(to, at(from)); err != nil {
			t.Skip(err)
		}
	}
	for path, want := range map[string]string{
		at("small"): "", at("link"): "", at("just"): "", at("over"): "is larger than 1 KiB", at("huge"): "is larger than 1 KiB",
		dir: "is a folder", at("loop"): "too many", at("dangling"): "no such file", at("gone"): "no such file",
		at("small/x"): "not a directory", at(strings.Repeat("x", 300)): "name too long", "/dev/zero": "is not a regular file",
		"a\x00b": "invalid",
	} {
		for name, read := range map[string]func() ([]byte, error){
			"Small":   func() ([]byte, error) { return Small(context.Background(), path, 1<<10) },
			"Regular": func() ([]byte, error) { return Regular(path, 1<<10) },
		} {
			_, err := read()
			if want == "" && err == nil {
				continue
			}
			var e *Error
			if !errors.As(err, &e) || e.Path != path || want == "" || !strings.Contains(e.Err.Error(), want) {
				t.Errorf("%s of %s: %v, want %q", name, path, err, want)
			}
		}
	}
}

func TestSmallEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Small(ctx, "/dev/zero", 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
