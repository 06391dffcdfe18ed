//go:build !unix

package project

import (
	"io/fs"
)

// othersMayWrite knows no owners here.
func othersMayWrite(fs.FileInfo) string { return "" }

func sameOwner(fs.FileInfo, fs.FileInfo) bool { return true }
