//! The meaning of the codes of OpenCL.

use crate::driver::Code;
use isospike_core::device::fault::Fault;
use opencl3::error_codes as code;

/// Returns the name of a code in the specification, where it is known.
pub(crate) fn name(code: Code) -> String {
    match code::error_text(code) {
        "UNKNOWN_ERROR" => format!("error {code}"),
        name => name.into(),
    }
}

/// Returns the fault that a code means of a call that needs memory.
pub(crate) fn memory_fault(code: Code) -> Fault {
    match code {
        // Drivers say it for memory, and also for a kernel that they stopped.
        code::CL_OUT_OF_RESOURCES => Fault::OutOfMemory(name(code)),
        _ => fault(code),
    }
}

/// Returns the fault that a code means of any other call.
pub(crate) fn fault(code: Code) -> Fault {
    let name = name(code);
    match code {
        code::CL_MEM_OBJECT_ALLOCATION_FAILURE
        | code::CL_OUT_OF_HOST_MEMORY
        | code::CL_INVALID_BUFFER_SIZE => Fault::OutOfMemory(name),
        code::CL_OUT_OF_RESOURCES
        | code::CL_DEVICE_NOT_AVAILABLE
        | code::CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST
        | code::CL_INVALID_DEVICE
        | code::CL_INVALID_CONTEXT
        | code::CL_INVALID_COMMAND_QUEUE
        | code::CL_CONTEXT_TERMINATED_KHR => Fault::Lost(name),
        code::CL_INVALID_WORK_GROUP_SIZE | code::CL_INVALID_WORK_ITEM_SIZE => {
            Fault::Unsupported(name)
        }
        // Codes outside the specification are a driver's own words for a crash.
        _ if code::error_text(code) == "UNKNOWN_ERROR" => Fault::Lost(name),
        _ => Fault::Refused(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_resources_is_memory_where_memory_is_asked_for() {
        let name = "CL_OUT_OF_RESOURCES";
        assert_eq!(memory_fault(code::CL_OUT_OF_RESOURCES), Fault::OutOfMemory(name.into()));
        assert_eq!(fault(code::CL_OUT_OF_RESOURCES), Fault::Lost(name.into()));
        for code in [code::CL_MEM_OBJECT_ALLOCATION_FAILURE, code::CL_OUT_OF_HOST_MEMORY] {
            assert!(matches!(memory_fault(code), Fault::OutOfMemory(_)));
            assert!(matches!(fault(code), Fault::OutOfMemory(_)));
        }
    }

    #[test]
    fn codes_have_the_names_of_the_specification() {
        assert_eq!(name(code::CL_BUILD_PROGRAM_FAILURE), "CL_BUILD_PROGRAM_FAILURE");
        assert_eq!(fault(-9999), Fault::Lost("error -9999".into()));
        assert!(matches!(fault(code::CL_INVALID_WORK_GROUP_SIZE), Fault::Unsupported(_)));
        assert!(matches!(fault(code::CL_INVALID_KERNEL), Fault::Refused(_)));
    }
}
