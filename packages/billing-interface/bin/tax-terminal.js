#!/usr/bin/env node
// Stands here, and not in dist, because npm links only programs that are there when it installs.
import '../dist/cli/main.js';
