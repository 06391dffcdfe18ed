package place

import (
	"os"
	"path/filepath"
	"strings"
)

// Real returns the absolute path of a file with no links in it. It follows a relative
// path as the system does: from the real current folder, and each .. from where the
// links before it lead.
func Real(path string) (string, error) {
	if !filepath.IsAbs(path) {
		dir, err := os.Getwd()
		if err != nil {
			return "", err
		}
		path = dir + string(filepath.Separator) + path // filepath.Join would drop a link with the .. after it
	}
	return filepath.EvalSymlinks(path)
}

// Join returns the path as seen from a folder. If the path leaves the folder by .., and
// the folder is reached through links, it leaves from where they lead.
func Join(folder, path string) string {
	joined := filepath.Join(folder, path)
	if first, _, _ := strings.Cut(filepath.ToSlash(filepath.Clean(path)), "/"); first != ".." {
		return joined
	}
	real, err := Real(folder)
	if err != nil {
		return joined
	}
	real = filepath.Join(real, path)
	there, err := os.Stat(real)
	if err != nil {
		return joined
	}
	if here, err := os.Stat(joined); err == nil && os.SameFile(here, there) {
		return joined
	}
	return real
}

// Leads reports whether the path rel, followed from a folder, leads to a file. The
// folder need not exist if the one that it is in does.
func Leads(folder, rel, file string) bool {
	real, err := Real(folder)
	if err != nil {
		if real, err = Real(filepath.Dir(folder)); err != nil {
			return false
		}
		real = filepath.Join(real, filepath.Base(folder))
	}
	there, err := os.Stat(filepath.Join(real, rel))
	if err != nil {
		return false
	}
	want, err := os.Stat(file)
	return err == nil && os.SameFile(there, want)
}
