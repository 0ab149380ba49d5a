"""Optimizers that scale each coordinate by the size of its own past gradients."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from engine.fields import Real
from engine.optimizers.fields import Beta2, Decay, Decoupled, DecoupledDecay, Epsilon, Rate, TwoBetas, WeightDecay
from engine.optimizers.lane import Display, Lane

ADAM = ("Kingma & Ba 2015, Adam: a method for stochastic optimization", "https://arxiv.org/abs/1412.6980")


class Adagrad(Lane):
    display = Display(
        label="Adagrad",
        colour="#3e6f8c",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_{t-1}) + \lambda \theta_{t-1} \\
            s_t &= s_{t-1} + g_t^2, \qquad s_0 = \tau \\
            \theta_t &= \theta_{t-1} - \frac{\eta}{1 + (t-1)\,\gamma}\; \frac{g_t}{\sqrt{s_t} + \epsilon}
            \end{aligned}""",
        source=(
            "Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic optimization",
            "https://jmlr.org/papers/v12/duchi11a.html",
        ),
        differs="The diagonal form of the paper. Epsilon stands outside the root; the rate may decay besides.",
    )
    constructor = "torch.optim.Adagrad"

    optimizer: Literal["adagrad"] = "adagrad"
    lr: Rate = 0.01
    lr_decay: Real = Field(
        0.0,
        ge=0,
        le=1,
        title="Rate decay",
        description="The rate of step t is divided by 1 + (t - 1) times this",
        json_schema_extra={"symbol": r"\gamma", "link": "ld"},
    )
    weight_decay: WeightDecay = 0.0
    initial_accumulator_value: Real = Field(
        0.0,
        ge=0,
        le=1_000,
        title="Initial sum",
        description="Initial value of the sum of squared gradients",
        json_schema_extra={"symbol": r"\tau", "link": "i"},
    )
    eps: Epsilon = 1e-10


class RMSprop(Lane):
    display = Display(
        label="RMSprop",
        colour="#569a43",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_{t-1}) + \lambda \theta_{t-1} \\
            v_t &= \alpha v_{t-1} + (1 - \alpha)\, g_t^2 \\
            \bar g_t &= \alpha \bar g_{t-1} + (1 - \alpha)\, g_t, \qquad
            \tilde v_t = v_t - \bar g_t^2 \text{ if centered, else } v_t \\
            b_t &= \mu b_{t-1} + \frac{g_t}{\sqrt{\tilde v_t} + \epsilon} \\
            \theta_t &= \theta_{t-1} - \eta\, b_t
            \end{aligned}""",
        source=(
            "Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6",
            "https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf",
        ),
        differs=(
            "Epsilon stands outside the root. The average starts at zero and its bias is not corrected, so the first "
            "step is 1 / sqrt(1 - alpha) times the rate: ten times at 0.99. In the centered form, rounding can make "
            "the difference under the root negative. Then the run ends in NaN."
        ),
    )
    constructor = "torch.optim.RMSprop"

    optimizer: Literal["rmsprop"] = "rmsprop"
    lr: Rate = 0.01
    alpha: Decay = Field(
        0.99,
        title="Smoothing",
        description="Memory of the average of squared gradients",
        json_schema_extra={"symbol": r"\alpha", "link": "a"},
    )
    eps: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.0
    momentum: Decay = Field(
        0.0,
        title="Momentum",
        description="Share of the velocity that is kept from step to step",
        json_schema_extra={"symbol": r"\mu", "link": "m"},
    )
    centered: bool = Field(
        False,
        title="Centered",
        description="Divide by the standard deviation of gradients, not their size",
        json_schema_extra={"link": "c"},
    )

    def momentum_entry(self) -> str:
        return "momentum_buffer" if self.momentum else ""


class Adadelta(Lane):
    display = Display(
        label="Adadelta",
        colour="#858901",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_{t-1}) + \lambda \theta_{t-1} \\
            v_t &= \rho v_{t-1} + (1 - \rho)\, g_t^2 \\
            \Delta_t &= \frac{\sqrt{u_{t-1} + \epsilon}}{\sqrt{v_t + \epsilon}}\; g_t \\
            u_t &= \rho u_{t-1} + (1 - \rho)\, \Delta_t^2 \\
            \theta_t &= \theta_{t-1} - \eta\, \Delta_t
            \end{aligned}""",
        source=("Zeiler 2012, Adadelta: an adaptive learning rate method", "https://arxiv.org/abs/1212.5701"),
        differs=(
            "The paper has no rate; a rate of 1 gives its method. The rate does not enter the average of past steps. "
            "Epsilon sets the length of the first steps."
        ),
    )
    constructor = "torch.optim.Adadelta"
    reach = "unit"

    optimizer: Literal["adadelta"] = "adadelta"
    lr: Rate = 1.0
    rho: Decay = Field(
        0.9,
        title="Rho",
        description="Memory of the averages of squared gradients and squared steps",
        json_schema_extra={"symbol": r"\rho", "link": "r"},
    )
    eps: Epsilon = 1e-6
    weight_decay: WeightDecay = 0.0


class AdamFamily(TwoBetas):
    """Adam and its variants: a step along the average of gradients, divided by the root of that of their squares."""

    momentum_state = "exp_avg"

    lr: Rate = 0.001
    eps: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.0


class Adam(AdamFamily):
    display = Display(
        label="Adam",
        colour="#e96201",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_{t-1}) + \lambda \theta_{t-1} \\
            m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \\
            \theta_t &= \theta_{t-1} - \eta\,
            \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}
            \end{aligned}""",
        source=ADAM,
        differs=(
            "Epsilon stands outside the root and is added after the bias is corrected, as in the paper's algorithm. "
            "Its shorter form adds it before. Weight decay is added to the gradient, so it is divided too."
        ),
    )
    constructor = "torch.optim.Adam"

    optimizer: Literal["adam"] = "adam"


class AMSGrad(AdamFamily):
    display = Display(
        label="AMSGrad",
        colour="#f82438",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_{t-1}) + \lambda \theta_{t-1} \\
            m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \\
            \hat v_t &= \max(\hat v_{t-1},\, v_t) \\
            \theta_t &= \theta_{t-1} - \eta\,
            \frac{m_t / (1 - \beta_1^t)}{\sqrt{\hat v_t / (1 - \beta_2^t)} + \epsilon}
            \end{aligned}""",
        source=("Reddi, Kale & Kumar 2018, On the convergence of Adam and beyond", "https://arxiv.org/abs/1904.09237"),
        differs=(
            "The paper corrects no bias; torch corrects both, the maximum being taken before. So the divisor can "
            "still fall while the correction fades."
        ),
    )
    constructor = "torch.optim.Adam"
    fixed: ClassVar[dict[str, Any]] = {"amsgrad": True, "foreach": False}

    optimizer: Literal["amsgrad"] = "amsgrad"


class AdamW(AdamFamily):
    display = Display(
        label="AdamW",
        colour="#d32373",
        rule=r"""\begin{aligned}
            m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \\
            \theta_t &= (1 - \eta \lambda)\, \theta_{t-1} - \eta\,
            \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}
            \end{aligned}""",
        source=("Loshchilov & Hutter 2019, Decoupled weight decay regularization", "https://arxiv.org/abs/1711.05101"),
        differs="The decay is multiplied by the rate; the paper multiplies it by the schedule's factor only.",
    )
    constructor = "torch.optim.AdamW"

    optimizer: Literal["adamw"] = "adamw"
    weight_decay: DecoupledDecay = 0.01


class NAdam(AdamFamily):
    display = Display(
        label="NAdam",
        colour="#b68356",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_{t-1}) + \lambda \theta_{t-1}, \qquad
            \mu_t = \beta_1 \big(1 - \tfrac12\, 0.96^{\,t \psi}\big) \\
            m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \\
            \theta_t &= \theta_{t-1} - \eta\,
            \frac{1}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}
            \left( \frac{\mu_{t+1}\, m_t}{1 - \prod_{i=1}^{t+1} \mu_i}
            + \frac{(1 - \mu_t)\, g_t}{1 - \prod_{i=1}^{t} \mu_i} \right)
            \end{aligned}""",
        source=(
            "Dozat 2016, Incorporating Nesterov momentum into Adam",
            "https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
        ),
        differs=(
            "The average of gradients decays with beta 1. In the paper it decays with the momentum of each step. "
            "Decoupled weight decay multiplies the parameters by 1 − rate × decay before the step."
        ),
    )
    constructor = "torch.optim.NAdam"

    optimizer: Literal["nadam"] = "nadam"
    lr: Rate = 0.002
    momentum_decay: Real = Field(
        0.004,
        ge=0,
        le=10,
        title="Momentum decay",
        description="How soon the momentum rises from half of beta 1 to all of it",
        json_schema_extra={"symbol": r"\psi", "link": "md"},
    )
    decoupled_weight_decay: Decoupled = False


class RAdam(AdamFamily):
    display = Display(
        label="RAdam",
        colour="#f539ad",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_{t-1}) + \lambda \theta_{t-1} \\
            m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \\
            \rho_\infty &= \tfrac{2}{1 - \beta_2} - 1, \qquad
            \rho_t = \rho_\infty - \tfrac{2 t \beta_2^t}{1 - \beta_2^t}, \qquad
            r_t = \sqrt{\tfrac{(\rho_t - 4)(\rho_t - 2)\, \rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2)\, \rho_t}} \\
            \theta_t &= \theta_{t-1} - \eta\, \frac{m_t}{1 - \beta_1^t} \cdot
            \Big\{ r_t\, \tfrac{\sqrt{1 - \beta_2^t}}{\sqrt{v_t} + \epsilon}
            \text{ if } \rho_t > 5,\; \text{else } 1 \Big\}
            \end{aligned}""",
        source=(
            "Liu et al. 2020, On the variance of the adaptive learning rate and beyond",
            "https://arxiv.org/abs/1908.03265",
        ),
        differs=(
            "The divisor is used from rho > 5, where the paper has 4: with beta 2 = 0.999 the first five steps are "
            "plain momentum, as long as the gradient is. Epsilon is added before the bias is corrected."
        ),
    )
    constructor = "torch.optim.RAdam"
    reach = "both"

    optimizer: Literal["radam"] = "radam"
    decoupled_weight_decay: Decoupled = False


class Adamax(AdamFamily):
    display = Display(
        label="Adamax",
        colour="#a66e8d",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_{t-1}) + \lambda \theta_{t-1} \\
            m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad u_t = \max(\beta_2 u_{t-1},\; |g_t| + \epsilon) \\
            \theta_t &= \theta_{t-1} - \frac{\eta}{1 - \beta_1^t}\, \frac{m_t}{u_t}
            \end{aligned}""",
        source=ADAM,
        differs="Epsilon stands inside the maximum; the paper has none.",
    )
    constructor = "torch.optim.Adamax"

    optimizer: Literal["adamax"] = "adamax"
    lr: Rate = 0.002
    beta2: Beta2 = Field(0.999, description="How slowly the largest gradient is forgotten")
