// The definition of Karpenter's kinds, as its published module has it.
package main

import (
	"encoding/json"
	"os"

	"sigs.k8s.io/karpenter/pkg/apis"
)

func main() {
	if err := json.NewEncoder(os.Stdout).Encode(apis.CRDs); err != nil {
		os.Exit(1)
	}
}
