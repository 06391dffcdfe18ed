package aside

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// write makes a folder with one file.
func write(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// entries are the files and folders below a folder, with the text of files.
func entries(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if !e.IsDir() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name += " " + string(text)
		}
		all = append(all, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantEntries(t *testing.T, dir string, want ...string) {
	t.Helper()
	if got := entries(t, dir); !slices.Equal(got, want) {
		t.Errorf("there is %q, want %q", got, want)
	}
}

// TestSwap gives a folder its name, also if there is one, and where two cannot be exchanged.
func TestSwap(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	defer func() { exchangeFolders = exchange }()
	for _, text := range []string{"first", "second", "third"} {
		if text == "third" {
			exchangeFolders = func(string, string) error { return errors.ErrUnsupported }
		}
		f, err := Make(target)
		if err != nil {
			t.Fatal(err)
		}
		write(t, f.Next(), text)
		Clean(target) // a run at the same time
		if err := f.Swap(); err != nil {
			t.Fatal(err)
		}
		f.Remove()
		wantEntries(t, dir, "target", "target/file "+text)
	}
}

// TestClean removes what runs left, and no folder of a run that is not over or of another
// target.
func TestClean(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	left := prefixOf(target) + "0011223344556677"
	write(t, left, "left")
	write(t, prefixOf(filepath.Join(dir, "other"))+"0011223344556677", "other's")
	f, err := Make(target)
	if err != nil {
		t.Fatal(err)
	}
	if f.lock == nil {
		t.Skip("folders cannot be locked here")
	}
	Clean(target)
	if _, err := os.Stat(left); err == nil {
		t.Error("what was left is still there")
	}
	if _, err := os.Stat(f.path); err != nil {
		t.Error("the folder of a run that is not over is gone")
	}
	f.Remove()
	if got := entries(t, dir); len(got) != 2 {
		t.Errorf("there is %q", got)
	}
}

// TestRestore: a run was killed between the two renames of a file system that cannot
// exchange folders.
func TestRestore(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	left := prefixOf(target) + "0011223344556677"
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(left, old), "old")
	write(t, filepath.Join(left, next), "new")
	if f, err := lock(left); err != nil || f == nil {
		t.Skip("folders cannot be locked here")
	} else {
		unlock(f)
	}
	Clean(target)
	wantEntries(t, dir, "target", "target/file old")
}
