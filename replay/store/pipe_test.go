//go:build unix

package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"asof/replay"
)

// TestNamedPipe reads a named pipe, such as a shell's <(…).
func TestNamedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	line := `{"stream":"a","category":"c","version":1,"position":1,"id":"e1","type":"T","revision":1,"time":"2026-03-01T09:00:00Z",` +
		`"actor":null,"correlation_id":null,"causation_id":null,"data":{},"metadata":null}` + "\n"
	wrote := make(chan error, 1)
	go func() { wrote <- os.WriteFile(path, []byte(line), 0) }()
	r, err := Open(context.Background(), path, Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	if got := events(t, r, replay.Query{}); len(got) != 1 || got[0].Type != "T" {
		t.Errorf("events %v", got)
	}
}

// TestNamedPipeUnwritten waits for a pipe without a writer until it is cancelled.
func TestNamedPipeUnwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := Open(ctx, path, Options{TempDir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w, err := os.OpenFile(path, os.O_RDWR, 0) // ends the open that still waits in the background
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
}
