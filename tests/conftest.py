"""Four host devices, so that four chains run side by side; set before JAX is first used."""

import jax

jax.config.update("jax_num_cpu_devices", 4)
