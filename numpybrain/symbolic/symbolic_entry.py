"""Entry to the symbolic part for modules that may do without: SymPy is imported when needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpybrain.errors import ModelError

if TYPE_CHECKING:
    from numpybrain.language.definition import Definition
    from numpybrain.symbolic.program import Program
    from numpybrain.symbolic.programs import UpdatePlan


def condition(definition: Definition | None, name: str, text: str) -> Program:
    """A program that says of the neurons of a group whether a condition is true."""
    from numpybrain.language import short_texts
    from numpybrain.symbolic.programs import value_program

    if definition is None:
        message = f"'{name}' is written in Python: it knows no conditions"
        raise ModelError(message, help=f"give booleans, such as {name}.v[{name}.v > 0]")
    node = short_texts.read_condition(definition, text)
    return value_program(definition, node, None, f"condition on {name}")


def update_plan(
    definition: Definition, method: Any, interpretation: str, **fields: Any
) -> UpdatePlan | None:
    """Give the plan to integrate a model, or some variables of it; None if nothing is integrated."""
    from numpybrain.symbolic import programs

    return programs.update_plan(definition, method, interpretation, **fields)


def decaying(plan: UpdatePlan, definition: Definition | None) -> tuple[str, ...]:
    """The variables whose own decay is known before the first step."""
    if definition is None:
        return ()
    from numpybrain.symbolic import decay

    return tuple(decay.decays(definition, plan.system))


def decay_program(plan: UpdatePlan, definition: Definition, names: tuple[str, ...]) -> Program:
    """A program that gives the fastest decay of these variables, in 1/ms."""
    from numpybrain.symbolic import decay

    return decay.decay_program(definition, plan.system, names)


def decay_of(program: Program, name: str) -> Program | None:
    """A program that gives d where a program gives b - d*x, with a variable x; None if it does not."""
    from numpybrain.symbolic import decay

    return decay.decay_of(program, name)


def sensitivity_programs(plan: UpdatePlan, inputs: frozenset[str]) -> list[tuple[str, str, Program]]:
    """Give the effect of inputs on rates of change: (variable, input, program that gives the factor)."""
    from numpybrain.symbolic import decay

    return decay.sensitivity_programs(plan.system, inputs)


def unconditionally_stable(plan: UpdatePlan) -> str | None:
    """A method for the equations that any dt leaves stable."""
    from numpybrain.symbolic import decay

    return decay.unconditionally_stable(plan.system)


def first_diverging(plan: UpdatePlan, names: list[str]) -> str:
    """Find the variable that spoiled the others."""
    from numpybrain.symbolic import decay

    return decay.first_diverging(plan.system, names)


def suggest_fix(plan: UpdatePlan, name: str, dt: float) -> str:
    """Advise on a variable that is no finite number any more."""
    from numpybrain.symbolic import decay

    return decay.suggest_fix(plan, name, dt)
