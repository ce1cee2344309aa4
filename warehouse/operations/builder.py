"""What people may do with generated applications."""

from warehouse.oltp.builder import APPLICATION_FLOW, Application, ApplicationCustomer, ApplicationWorkflow
from warehouse.operations.register import keep, move

applications = keep(Application, room="builder", noun="application", computed=("status",))
move_application = move(Application, room="builder", noun="application", flow=APPLICATION_FLOW)
application_workflows = keep(ApplicationWorkflow, room="builder", noun="application workflow", parent="application_id")
application_customers = keep(
    ApplicationCustomer, room="builder", noun="application customer", parent="application_id", fixed=("customer_id",)
)
