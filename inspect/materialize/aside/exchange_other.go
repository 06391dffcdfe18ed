//go:build !linux && !darwin

package aside

import "errors"

// exchange is not known here.
func exchange(string, string) error { return errors.ErrUnsupported }
